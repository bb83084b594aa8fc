package traffic

import (
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func wildcardSettings() *rule.Rule {
	return &rule.Rule{
		ID: "VS005", Name: "wildcard-settings", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "A VirtualService for a host lacks timeouts, retries, faults, headers or CORS that one for a wildcard over the host sets.",
		Why:     "VirtualServices do not inherit: only the one with the most specific host counts (in sidecars before Istio 1.21 the oldest), so the settings of the wildcard do not hold.",
		Fix:     "Repeat the settings in the VirtualService of the host.",
		Hints:   []string{"V4"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			wild := wildcardsOf(m)
			for _, v := range m.Routing() {
				if len(v.Spec.GetHttp()) == 0 {
					continue
				}
				if host, wide := wild.over(v); wide != nil {
					lacks(p, v, host, wide)
				}
			}
			p.Lookedf("%s, none lacking what one for a wildcard sets", finding.Count(len(m.Routing()), "VirtualService"))
		},
	}
}

// wildcards are the VirtualServices with wildcard hosts by gateway. Those of
// one host are one thing, so that their number costs nothing.
type wildcards map[string]*mesh.Hosts[*sharing]

type sharing struct{ all []*mesh.VirtualService }

// maxSharing is how many VirtualServices of one wildcard are looked at.
const maxSharing = 16

func wildcardsOf(m *mesh.Mesh) wildcards {
	out := wildcards{}
	for _, v := range m.Routing() {
		for _, host := range v.Hosts {
			if !strings.HasPrefix(host, "*") || len(v.Spec.GetHttp()) == 0 {
				continue
			}
			for _, g := range v.Gateways {
				if out[g] == nil {
					out[g] = &mesh.Hosts[*sharing]{}
				}
				if known := out[g].Exact(host); len(known) > 0 {
					known[0].all = append(known[0].all, v)
				} else {
					out[g].Add(host, &sharing{all: []*mesh.VirtualService{v}})
				}
			}
		}
	}
	return out
}

// over is the VirtualService of the narrowest wildcard over a host of another.
func (w wildcards) over(v *mesh.VirtualService) (int, *mesh.VirtualService) {
	for _, g := range v.Gateways {
		if w[g] == nil {
			continue
		}
		for i, host := range v.Hosts {
			for _, s := range w[g].Narrowest(host) {
				for _, wide := range s.all[:min(len(s.all), maxSharing)] {
					if wide != v && wide.Visible.Overlaps(v.Visible) {
						return i, wide
					}
				}
			}
		}
	}
	return 0, nil
}

func lacks(p *rule.Pass, v *mesh.VirtualService, host int, wide *mesh.VirtualService) {
	own, theirs := settingsOf(v), settingsOf(wide)
	var lost []string
	for _, field := range []string{"timeout", "retries", "fault", "headers", "corsPolicy"} {
		if theirs[field] && !own[field] {
			lost = append(lost, field)
		}
	}
	if len(lost) == 0 {
		return
	}
	who := "and does not inherit it"
	if v.Mesh() && p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 21}) {
		who = "and nothing of both is joined (in sidecars before Istio 1.21 the older one counts)"
	}
	p.Reportf(snapshot.Place(v.VirtualService, hostPath(host)), "VirtualService %s/%s sets %s for %s; this one for %s does not, %s",
		wide.Namespace, wide.Name, strings.Join(lost, ", "), strings.Join(wide.Spec.GetHosts(), ", "), v.Spec.GetHosts()[host], who)
}

// settingsOf are what some rule of a VirtualService sets besides its routes.
func settingsOf(v *mesh.VirtualService) map[string]bool {
	out := map[string]bool{}
	for _, r := range v.Spec.GetHttp() {
		for field, set := range map[string]bool{
			"timeout": r.GetTimeout() != nil, "retries": r.GetRetries() != nil, "fault": r.GetFault() != nil,
			"headers": r.GetHeaders() != nil && !empty(r.GetHeaders()), "corsPolicy": r.GetCorsPolicy() != nil,
		} {
			if set {
				out[field] = true
			}
		}
	}
	return out
}

func empty(h *api.Headers) bool { return h.GetRequest() == nil && h.GetResponse() == nil }
