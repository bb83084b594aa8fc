package live

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func rootEverywhere() *rule.Rule {
	return &rule.Rule{
		ID: "POST014", Name: "one-root-everywhere", Category: "Certificates", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.RootCerts, snapshot.Configuration, snapshot.ControlPlanes, snapshot.Namespaces},
		Summary: "A namespace holds another root certificate than istiod's own namespace.",
		Why:     "Proxies started there trust neither istiod nor the other proxies, so they never get ready.",
		Fix:     "Delete the ConfigMap istio-ca-root-cert of that namespace; istiod writes it anew. If it does not, two control planes with different roots write it.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			if meshes := meshes(p); len(meshes) > 1 {
				p.Undecidedf("istiods run in several namespaces, each with roots of its own: %s", rule.First(meshes))
				return
			}
			for _, namespace := range homes(p) {
				i := slices.IndexFunc(p.RootCerts, func(m *corev1.ConfigMap) bool { return m.Namespace == namespace })
				if i < 0 {
					p.Undecidedf("namespace %s has no ConfigMap istio-ca-root-cert", namespace)
					continue
				}
				others(p, p.RootCerts[i])
			}
		},
	}
}

// meshes are the namespaces that istiods run in.
func meshes(p *rule.Pass) []string {
	var out []string
	for _, d := range p.ControlPlanes {
		if !slices.Contains(out, d.GetNamespace()) {
			out = append(out, d.GetNamespace())
		}
	}
	return out
}

// homes are the namespaces that the configurations put istiod in.
func homes(p *rule.Pass) []string {
	var out []string
	for _, c := range p.Configs {
		if c.ComponentEnabled("pilot") && !slices.Contains(out, c.Namespace()) {
			out = append(out, c.Namespace())
		}
	}
	return out
}

// others reports the namespaces whose root is another one, in one finding. What
// istiod left where it no longer looks serves nobody.
func others(p *rule.Pass, home *corev1.ConfigMap) {
	forsaken := map[string]bool{}
	for _, ns := range p.Namespaces {
		forsaken[ns.Name] = !p.Discovers(ns.Labels)
	}
	var strays []string
	for _, m := range p.RootCerts {
		if !forsaken[m.Namespace] && strings.TrimSpace(m.Data[rootKey]) != strings.TrimSpace(home.Data[rootKey]) {
			strays = append(strays, m.Namespace)
		}
	}
	slices.Sort(strays)
	if len(strays) > 0 {
		p.Reportf(snapshot.Key{Kind: "ConfigMap", Namespace: strays[0], Name: home.Name},
			"ConfigMap istio-ca-root-cert holds another root in %s than in %s: %s", finding.Count(len(strays), "namespace"), home.Namespace, rule.First(strays))
	}
	p.Lookedf("%s hold the root of %s", finding.Count(len(p.RootCerts)-len(strays), "namespace"), home.Namespace)
}
