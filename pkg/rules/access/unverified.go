package access

import (
	"fmt"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unverified() *rule.Rule {
	return &rule.Rule{
		ID: "SEC002", Name: "server-not-verified", Category: transit, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.DestinationRules, snapshot.ServiceEntries},
		Summary: "A DestinationRule originates TLS and does not say how the server's certificate is verified.",
		Why: "Before Istio 1.21 any certificate is taken; since then those that a public CA signed, of any name where sni is set without subjectAltNames, " +
			"and none of a service in the cluster, which no public CA signs for.",
		Fix:   "Set caCertificates or credentialName to the CA, and subjectAltNames to the name of the server.",
		Hints: []string{"C1"}, Equivalents: []string{"IST0128", "IST0129"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, d := range p.DestinationRules {
				for _, s := range settings(d) {
					verified(p, m, d, s)
				}
			}
			p.Lookedf("%s, none that takes a certificate of anybody", finding.Count(len(p.DestinationRules), "DestinationRule"))
		},
	}
}

// setting is one place where a DestinationRule speaks of TLS.
type setting struct {
	path string
	tls  *api.ClientTLSSettings
}

// settings are those that originate TLS with other certificates than the mesh's.
func settings(d *networking.DestinationRule) []setting {
	var out []setting
	add := func(path string, policy *api.TrafficPolicy) {
		out = append(out, setting{path + ".tls", policy.GetTls()})
		for i, port := range policy.GetPortLevelSettings() {
			out = append(out, setting{fmt.Sprintf("%s.portLevelSettings[%d].tls", path, i), port.GetTls()})
		}
	}
	add("spec.trafficPolicy", d.Spec.GetTrafficPolicy())
	for i, s := range d.Spec.GetSubsets() {
		add(fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), s.GetTrafficPolicy())
	}
	var kept []setting
	for _, s := range out {
		if mode := s.tls.GetMode(); mode == api.ClientTLSSettings_SIMPLE || mode == api.ClientTLSSettings_MUTUAL {
			kept = append(kept, s)
		}
	}
	return kept
}

func verified(p *rule.Pass, m *mesh.Mesh, d *networking.DestinationRule, s setting) {
	if s.tls.GetCaCertificates() != "" || s.tls.GetCredentialName() != "" || s.tls.GetInsecureSkipVerify().GetValue() {
		return
	}
	host, at := m.FQDN(d.Spec.GetHost(), d.Namespace), snapshot.Place(d, s.path+".mode")
	named := len(s.tls.GetSubjectAltNames()) > 0
	switch {
	case p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 21}):
		p.Reportf(at, "%s is called with TLS, and Istio %s takes any certificate there; set caCertificates, for example to /etc/ssl/certs/ca-certificates.crt, and subjectAltNames", host, p.Target.Istio)
	case strings.HasSuffix(host, ".svc."+m.Domain) && s.tls.GetSni() == "" && !named:
		p.Reportf(at, "%s is called with TLS, and its certificate is verified by the public CAs, which sign for no such name; set caCertificates or credentialName to the CA that does", host)
	case s.tls.GetSni() != "" && !named && !entryNames(m, host):
		p.Reportf(at, "%s is called with TLS and sni %s, and with that a certificate of any name is taken that a public CA signed; set subjectAltNames to the server's name", host, s.tls.GetSni()).Severity = finding.Info
	}
}

// entryNames says whether a ServiceEntry says what the server's certificate is
// to hold.
func entryNames(m *mesh.Mesh, host string) bool {
	for _, s := range m.ServicesOf(host) {
		if s.Entry != nil && len(s.Entry.Spec.GetSubjectAltNames()) > 0 {
			return true
		}
	}
	return false
}
