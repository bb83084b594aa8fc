package traffic

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sameHost() *rule.Rule {
	return &rule.Rule{
		ID: "VS001", Name: "same-host", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "Several VirtualServices for sidecars have the same host, in namespaces that see both.",
		Why:     "Sidecars take the routes of one of them for a host and leave the others out, so which routes hold depends on the order of creation.",
		Fix:     "Merge them into one, delegate from one to the others, or keep them apart with exportTo.",
		Hints:   []string{"V1"}, Equivalents: []string{"IST0109", "KIA1106"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			byHost := map[string][]*mesh.VirtualService{}
			for _, v := range m.Routing() {
				if v.Mesh() {
					for _, host := range slices.Compact(slices.Sorted(slices.Values(v.Hosts))) {
						byHost[host] = append(byHost[host], v)
					}
				}
			}
			for host, several := range byHost {
				if len(several) > 1 {
					claim(p, host, several)
				}
			}
			p.Lookedf("%s, each alone with its hosts", finding.Count(len(m.Routing()), "VirtualService"))
		},
	}
}

// claimed remembers who has a host: in all namespaces, and in single ones.
type claimed struct {
	everywhere, somewhere *mesh.VirtualService
	in                    map[string]*mesh.VirtualService
}

// claim reports the VirtualServices whose host another one has before them.
func claim(p *rule.Pass, host string, several []*mesh.VirtualService) {
	taken := map[protocolPort]*claimed{}
	for _, v := range several {
		r, sure := reachOf(v)
		if !sure {
			continue
		}
		for _, key := range r.keys {
			if taken[key] == nil {
				taken[key] = &claimed{in: map[string]*mesh.VirtualService{}}
			}
		}
		for _, key := range append(r.keys, r.meets(taken)...) {
			if other := taken[key].meets(r); other != nil && other != v {
				conflict(p, host, v, other, r)
				break
			}
		}
		for _, key := range r.keys {
			taken[key].add(v, r)
		}
	}
}

// conflict reports one of two. What is for single namespaces only comes before
// what is for all, which is a way to override.
func conflict(p *rule.Pass, host string, v, other *mesh.VirtualService, r reach) {
	i := slices.Index(v.Hosts, host)
	at := snapshot.Place(v.VirtualService, hostPath(i))
	if v.Visible.All() != other.Visible.All() {
		narrow, wide := v, other
		if v.Visible.All() {
			narrow, wide = other, v
		}
		p.Reportf(at, "VirtualService %s/%s has host %s too: in %s only %s/%s counts, and nothing of %s/%s",
			other.Namespace, other.Name, host, spacesOf(narrow), narrow.Namespace, narrow.Name, wide.Namespace, wide.Name).Severity = finding.Info
		return
	}
	p.Reportf(at, "VirtualService %s/%s has host %s too, and sidecars that see both take the routes of only one, the older: merge them, delegate, or keep them apart with exportTo",
		other.Namespace, other.Name, host)
}

func spacesOf(v *mesh.VirtualService) string {
	return "namespace " + rule.Some(v.Visible.Namespaces())
}

// meets is somebody before who is seen where a newcomer is seen.
func (c *claimed) meets(r reach) *mesh.VirtualService {
	if c == nil {
		return nil
	}
	if r.spaces == nil {
		if c.everywhere != nil {
			return c.everywhere
		}
		return c.somewhere
	}
	for _, s := range r.spaces {
		if other := c.in[s]; other != nil {
			return other
		}
	}
	if len(r.spaces) > 0 {
		return c.everywhere
	}
	return nil
}

func (c *claimed) add(v *mesh.VirtualService, r reach) {
	if r.spaces == nil {
		if c.everywhere == nil {
			c.everywhere = v
		}
		return
	}
	for _, s := range r.spaces {
		if c.somewhere == nil {
			c.somewhere = v
		}
		if c.in[s] == nil {
			c.in[s] = v
		}
	}
}
