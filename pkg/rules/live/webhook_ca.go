package live

import (
	"crypto/x509"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhookCA() *rule.Rule {
	return &rule.Rule{
		ID: "POST008", Name: "webhook-ca", Category: "Webhooks", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Webhooks, snapshot.RootCerts, snapshot.ControlPlanes, snapshot.ServedCerts},
		Summary: "The CA bundle of an istiod's webhook does not hold the root that istiod's certificates come from, or the certificate that istiod serves there is about to expire.",
		Why:     "The API server refuses istiod's certificate, so pods start without a sidecar or not at all, and mesh configuration cannot be changed.",
		Fix:     "Restart istiod, which writes the CA bundle, and check that its ClusterRole lets it change webhooks and that nothing else writes the field.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked, served := 0, presented{p: p, said: map[string]bool{}}
			for _, h := range hooks(p) {
				if len(h.bundle) == 0 || h.service.Name == "" {
					continue // POST002 says so; a URL's certificate is not istiod's affair
				}
				looked++
				wrong, unknown := trust(p, h)
				if !wrong && !served.judge(h) && unknown != "" {
					p.Undecidedf("%s", unknown)
				}
			}
			if looked == 0 {
				p.Undecidedf("no webhook of istiod has a CA bundle")
			}
			p.Lookedf("%s hold the root of istiod's certificates%s", finding.Count(looked, "CA bundle"), served.looked())
		},
	}
}

// trust compares the bundle with the roots of istiod's namespace. It says
// whether it reported that they differ, or why it could not tell.
func trust(p *rule.Pass, h hook) (wrong bool, unknown string) {
	if provider := certProvider(p, h); provider != "istiod" {
		return false, fmt.Sprintf("istiod's certificate comes from %s, whose root is not in the cluster's ConfigMaps", provider)
	}
	at := h.at("clientConfig.caBundle")
	bundle, err := certificates(h.bundle)
	if err != nil {
		p.Reportf(at, "the CA bundle of webhook %s cannot be read: %v", h.name, err)
		return true, ""
	}
	roots := rootsOf(p, h.service.Namespace)
	switch {
	case len(roots) == 0:
		return false, fmt.Sprintf("namespace %s has no ConfigMap istio-ca-root-cert with a root to compare with", h.service.Namespace)
	case !slices.ContainsFunc(roots, func(root *x509.Certificate) bool { return slices.ContainsFunc(bundle, root.Equal) }):
		p.Reportf(at, "the CA bundle of webhook %s holds %s, not istiod's root %s: the API server will not trust istiod",
			h.name, quoted(bundle), quoted(roots))
		return true, ""
	}
	return false, ""
}

func quoted(certs []*x509.Certificate) string {
	var out []string
	for _, c := range certs {
		out = append(out, named(c)+" of "+day(c.NotBefore))
	}
	return rule.First(out)
}

// rootsOf are the roots that istiod publishes in a namespace.
func rootsOf(p *rule.Pass, namespace string) []*x509.Certificate {
	for _, m := range p.RootCerts {
		if m.Namespace == namespace {
			certs, _ := certificates([]byte(m.Data[rootKey])) // POST013 says why not
			return certs
		}
	}
	return nil
}

// rootKey is the key of ConfigMap istio-ca-root-cert.
const rootKey = "root-cert.pem"

// certProvider is who signs the certificate of a webhook's istiod:
// PILOT_CERT_PROVIDER, which is istiod itself by default.
func certProvider(p *rule.Pass, h hook) string {
	for _, d := range p.ControlPlanes {
		if d.GetNamespace() != h.service.Namespace || d.GetLabels()["istio.io/rev"] != h.config.GetLabels()["istio.io/rev"] {
			continue
		}
		if v := environment(d)["PILOT_CERT_PROVIDER"]; v != "" {
			return v
		}
	}
	return "istiod"
}

// environment are the variables of a Deployment's containers that have a value
// of their own.
func environment(d *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		m, _ := c.(map[string]any)
		list, _ := m["env"].([]any)
		for _, e := range list {
			entry, _ := e.(map[string]any)
			name, _ := entry["name"].(string)
			value, _ := entry["value"].(string)
			out[name] = value
		}
	}
	return out
}
