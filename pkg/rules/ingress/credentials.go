package ingress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unusableCredential() *rule.Rule {
	return &rule.Rule{
		ID: "GWY006", Name: "unusable-credential", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: edges(snapshot.Secrets),
		Summary:     "A gateway names a Secret for TLS that is not in the namespace of its pods, or whose certificate or key is missing, expired or of no use.",
		Why:         "The gateway does not open the port, or closes each connection, until there is a certificate that is valid.",
		Fix:         "Put a Secret with a valid tls.crt and its tls.key, for mutual TLS ca.crt too, into the namespace where the gateway's pods run.",
		Equivalents: []string{"IST0101", "IST0161"},
		Run: func(p *rule.Pass) {
			v := vault{p, map[name]*snapshot.Secret{}, made(p)}
			for _, s := range p.Secrets {
				v.secrets[name{s.Namespace, s.Name}] = s
			}
			done, looked := map[spoken]bool{}, 0
			for _, e := range mesh.Of(p.Snapshot).Different() {
				for _, c := range v.credentials(e) {
					looked++
					if key := (spoken{c.of, c.secret}); !done[key] {
						done[key] = v.judge(c)
					}
				}
			}
			p.Lookedf("%s of gateways, in Secrets that hold them", finding.Count(looked, "certificate"))
		},
	}
}

// credential is a Secret that a gateway names.
type credential struct {
	of     snapshot.Object
	path   string
	secret name
	mutual bool
}

// spoken is a Secret that was reported at a gateway.
type spoken struct {
	of     snapshot.Object
	secret name
}

// credentials are those of a gateway.
func (v vault) credentials(e *mesh.Edge) []credential {
	var out []credential
	for _, g := range e.Gateways {
		for i, s := range g.Spec.GetServers() {
			mode := s.GetTls().GetMode()
			named := s.GetTls().GetCredentialName()
			if named == "" || strings.Contains(named, "://") || mode == api.ServerTLSSettings_PASSTHROUGH {
				continue
			}
			from := cmp.Or(e.Namespace, v.lies(named, g.Namespace))
			if from == "" {
				continue
			}
			mutual := mode == api.ServerTLSSettings_MUTUAL || mode == api.ServerTLSSettings_OPTIONAL_MUTUAL
			out = append(out, credential{g, fmt.Sprintf("spec.servers[%d].tls.credentialName", i), name{from, named}, mutual})
		}
	}
	if e.Kubernetes == nil {
		return out
	}
	for i, l := range e.Kubernetes.Spec.Listeners {
		if l.TLS == nil {
			continue
		}
		for j, ref := range l.TLS.CertificateRefs {
			if text(ref.Kind, "Secret") == "Secret" && text(ref.Group, "") == "" {
				to := name{space(e.Kubernetes, ref.Namespace), string(ref.Name)}
				out = append(out, credential{e.Kubernetes, fmt.Sprintf("spec.listeners[%d].tls.certificateRefs[%d].name", i, j), to, false})
			}
		}
	}
	return out
}

// vault knows the Secrets.
type vault struct {
	*rule.Pass
	secrets map[name]*snapshot.Secret
	// made names something in the files that makes Secrets; "" for nothing.
	made string
}

// lies is where a Secret lies for a gateway of which the picture has no pods:
// next to the Gateway, or in Istio's namespace; "" for neither.
func (v vault) lies(secret, namespace string) string {
	for _, from := range []string{namespace, mesh.Of(v.Snapshot).Root} {
		if v.secrets[name{from, secret}] != nil {
			return from
		}
	}
	return ""
}

// judge reports a credential that cannot be used, and says whether it did.
func (v vault) judge(c credential) bool {
	s := v.secrets[c.secret]
	if s == nil {
		return v.missing(c)
	}
	switch {
	case !holds(s, "tls.crt", "tls.key") && !holds(s, "cert", "key"):
		v.Reportf(snapshot.Place(c.of, c.path), "Secret %s lacks tls.crt and tls.key, or one of them is empty", c.secret)
	case c.mutual && !holds(s, "ca.crt") && !holds(s, "cacert") && v.secrets[name{c.secret.namespace, c.secret.name + "-cacert"}] == nil:
		v.Reportf(snapshot.Place(c.of, c.path), "Secret %s has no ca.crt to verify clients with, and there is no Secret %s-cacert", c.secret, c.secret.name)
	default:
		fault := expired(s, v.Now)
		if fault != "" {
			v.Reportf(snapshot.Place(c.of, c.path), "Secret %s: %s", c.secret, fault)
		}
		return fault != ""
	}
	return true
}

// expired says why istiod or the gateway does not take what a Secret holds; ""
// if they do.
func expired(s *snapshot.Secret, now time.Time) string {
	switch {
	case s.Pair == nil:
		return ""
	case !s.Pair.Until.IsZero() && now.After(s.Pair.Until):
		return "its certificate expired on " + s.Pair.Until.Format(time.DateOnly) + "; renew it"
	case now.Before(s.Pair.From):
		return "its certificate is valid from " + s.Pair.From.Format(time.DateOnly) + " on only"
	}
	return s.Pair.Fault
}

// missing reports a Secret that is not there, if it would be seen.
func (v vault) missing(c credential) bool {
	switch whole, reason := v.Has(snapshot.Whole); {
	case !whole:
		v.Undecidedf("%s", reason)
	case v.made != "":
		v.Undecidedf("%s may make the Secrets that are missing", v.made)
	case len(v.secrets) == 0:
		v.Undecidedf("no Secrets are among the files")
	default:
		v.Reportf(snapshot.Place(c.of, c.path), "there is no Secret %s in namespace %s, where the gateway's certificate is looked for", c.secret.name, c.secret.namespace)
		return true
	}
	return false
}

func holds(s *snapshot.Secret, names ...string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { _, there := s.Data[n]; return !there })
}

// made names the first object in the files that others make Secrets of.
func made(p *rule.Pass) string {
	kinds := []string{"Certificate", "ExternalSecret", "ClusterExternalSecret", "SealedSecret", "VaultStaticSecret", "VaultPKISecret", "PushSecret"}
	for _, d := range p.Documents {
		if d.Root != nil && slices.Contains(kinds, d.Root.Str("kind")) {
			return d.Root.Str("kind") + " " + d.Root.Str("metadata", "name")
		}
	}
	return ""
}
