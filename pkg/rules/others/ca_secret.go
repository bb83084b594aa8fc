package others

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func caSecret() *rule.Rule {
	return &rule.Rule{
		ID: "PRE034", Name: "ca-secret", Category: "Certificates", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck, rule.Verify},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CASecrets},
		Summary: "The certificate authority in Secret cacerts or istio-ca-secret is incomplete, wrong, about to expire, or another one than istiod uses.",
		Why:     "istiod does not start with a wrong one, ignores one under wrong names, and workloads whose chain or root is wrong or expired refuse each other.",
		Fix:     "Make the Secret anew with ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem as Istio's guide to plugging in CA certificates says, and restart istiod.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			if elsewhere(p) {
				p.Lookedf("workloads get their certificates from another authority than istiod's")
				return
			}
			var looked []string
			for _, ca := range effective(p.SigningCAs) {
				looked = append(looked, ca.Key.String())
				if files(p, ca) {
					trust(p, ca)
					expiry(p, ca)
					strength(p, ca)
					changedRoot(p, ca)
				}
			}
			if len(looked) == 0 {
				p.Lookedf("no Secret; istiod makes its own authority")
				return
			}
			p.Lookedf("%s", strings.Join(looked, ", "))
		},
	}
}

// elsewhere says whether all configurations leave certificates to others.
func elsewhere(p *rule.Pass) bool {
	for _, c := range p.Configs {
		if !c.ComponentEnabled("pilot") {
			continue
		}
		external := c.EffectiveValues().Str("global", "caAddress") != ""
		for _, e := range c.Env() {
			external = external || e.Name == "EXTERNAL_CA" || e.Name == "ENABLE_CA_SERVER" && e.Value != nil && e.Value.Text == "false"
		}
		if !external {
			return false
		}
	}
	return true
}

// effective leaves out what istiod does not use: its own authority where one
// is plugged in.
func effective(all []*snapshot.SigningCA) []*snapshot.SigningCA {
	plugged := map[string]bool{}
	for _, ca := range all {
		if ca.Key.Name == snapshot.PluggedCA && !ignored(ca) {
			plugged[ca.Key.Namespace] = true
		}
	}
	var out []*snapshot.SigningCA
	for _, ca := range all {
		if ca.Key.Name == snapshot.PluggedCA || !plugged[ca.Key.Namespace] {
			out = append(out, ca)
		}
	}
	return out
}

// ignored says whether istiod finds none of the files it looks for.
func ignored(ca *snapshot.SigningCA) bool {
	return len(ca.Missing) == 4
}

// files reports what is missing or unreadable, and says whether the
// certificates can be judged.
func files(p *rule.Pass, ca *snapshot.SigningCA) bool {
	switch {
	case ignored(ca):
		p.Reportf(ca.Key, "%s holds none of the files that istiod reads (%s), so istiod signs with an authority of its own; it holds %s",
			ca.Key, strings.Join(ca.Missing, ", "), nothing(ca.Entries)).Severity = finding.Warning
		return false
	case len(ca.Missing) > 0:
		p.Reportf(ca.Key, "%s lacks %s, and istiod does not start with a part of an authority; it holds %s",
			ca.Key, strings.Join(ca.Missing, ", "), nothing(ca.Entries))
		return false
	case len(ca.Unreadable) > 0:
		p.Reportf(ca.Key, "%s: %s holds no certificates in PEM", ca.Key, strings.Join(ca.Unreadable, ", "))
		return false
	}
	if ca.KeyFault != "" {
		p.Reportf(ca.Key, "%s: %s, so istiod cannot sign", ca.Key, ca.KeyFault)
	}
	return true
}

func nothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
