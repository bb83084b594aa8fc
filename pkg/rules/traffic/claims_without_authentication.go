package traffic

import (
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func claimRouting() *rule.Rule {
	return &rule.Rule{
		ID: "VS014", Name: "claims-without-authentication", Category: category, Severity: finding.Error,
		Stages:  analyze(),
		Needs:   workloadParts(snapshot.VirtualServices, snapshot.Gateways, snapshot.RequestAuths, snapshot.Whole),
		Summary: "A VirtualService matches claims of tokens, and no RequestAuthentication has its gateway read tokens.",
		Why:     "Without a RequestAuthentication there are no claims, so the match never holds.",
		Fix:     "Apply a RequestAuthentication with the issuer to the gateway's pods.", Equivalents: []string{"IST0149"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			selectors := map[string][]map[string]string{}
			for _, a := range p.RequestAuths {
				if len(a.Spec.GetTargetRefs()) == 0 && a.Spec.GetTargetRef() == nil {
					selectors[a.Namespace] = append(selectors[a.Namespace], a.Spec.GetSelector().GetMatchLabels())
				}
			}
			n := 0
			for _, v := range m.Routing() {
				if claim, path := claimOf(v); claim != "" {
					n++
					authenticated(p, m, v, claim, path, selectors)
				}
			}
			p.Lookedf("%s by claims, all with authentication", finding.Count(n, "VirtualService"))
		},
	}
}

// claimOf is the first claim that a VirtualService asks for.
func claimOf(v *mesh.VirtualService) (claim, path string) {
	for i, r := range v.Spec.GetHttp() {
		for j, m := range r.GetMatch() {
			for _, headers := range []map[string]*api.StringMatch{m.GetHeaders(), m.GetWithoutHeaders()} {
				for name := range headers {
					if lower := strings.ToLower(name); strings.HasPrefix(lower, "@request.auth.claims") && (claim == "" || name < claim) {
						claim, path = name, matchPath(i, j)
					}
				}
			}
			if claim != "" {
				return claim, path
			}
		}
	}
	return "", ""
}

// authenticated looks at the workloads of the gateways of a VirtualService.
func authenticated(p *rule.Pass, m *mesh.Mesh, v *mesh.VirtualService, claim, path string, selectors map[string][]map[string]string) {
	e := edgesOf(m)
	bound := slices.Clone(v.Gateways)
	for _, root := range v.Roots {
		bound = append(bound, root.Gateways...)
	}
	for _, name := range bound {
		g := e.gateways[name]
		if g == nil {
			continue
		}
		for _, w := range e.workloads[labels.Set(g.Spec.GetSelector()).String()] {
			if !selected(w, slices.Concat(selectors[m.Root], selectors[w.Namespace()])) {
				p.Reportf(snapshot.Place(v.VirtualService, path), "no RequestAuthentication holds for %s of Gateway %s: there is no %s to match", w, name, claim)
				return
			}
		}
	}
}

func selected(w *mesh.Workload, selectors []map[string]string) bool {
	for _, s := range selectors {
		if mesh.Has(w.Labels, s) {
			return true
		}
	}
	return false
}
