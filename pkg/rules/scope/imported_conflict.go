package scope

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func importedConflict() *rule.Rule {
	return &rule.Rule{
		ID: "SDC004", Name: "imports-from-several", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Sidecars, snapshot.Services, snapshot.ServiceEntries, snapshot.VirtualServices},
		Summary: "A Sidecar imports a host from any namespace, and ServiceEntries or VirtualServices of several namespaces are about that host.",
		Why:     "Which of them counts depends on the order in which they were created.",
		Fix:     "Name the namespace in egress.hosts, or leave the host to one namespace.",
		Hints:   []string{"X4"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			c := newContests(m)
			for _, s := range p.Sidecars {
				for _, i := range mesh.Imports(s) {
					if i.Namespace != "*" || i.Excluded {
						continue
					}
					if names := c.under(i.Host, s.Namespace); len(names) > 0 {
						p.Reportf(snapshot.Place(s, i.Path), "%s takes from any namespace what several claim: %s; name the namespace", i.Text, strings.Join(names, "; "))
						break
					}
				}
			}
			p.Lookedf("%s, %d hosts that several namespaces claim", finding.Count(len(p.Sidecars), "Sidecar"), c.count)
		},
	}
}

// contest is a host that everybody sees from several namespaces.
type contest struct {
	host, kind string
	spaces     []string
}

// contests are found by host; what a pattern covers is listed once.
type contests struct {
	tree  mesh.Hosts[*contest]
	known map[string][]*contest
	count int
}

func newContests(m *mesh.Mesh) *contests {
	claims := map[[2]string]map[string]bool{}
	claim := func(kind, host, namespace string) {
		key := [2]string{host, kind}
		if claims[key] == nil {
			claims[key] = map[string]bool{}
		}
		claims[key][namespace] = true
	}
	for _, s := range m.Registry() {
		if s.Entry != nil && s.Visible.All() {
			claim("ServiceEntry", s.Host, s.Namespace)
		}
	}
	for _, vs := range m.VirtualServices {
		if !m.OfVirtualService(vs).All() || !insideMesh(vs) {
			continue
		}
		for _, host := range vs.Spec.GetHosts() {
			claim("VirtualService", m.FQDN(host, vs.Namespace), vs.Namespace)
		}
	}
	c := &contests{known: map[string][]*contest{}}
	for key, spaces := range claims {
		if len(spaces) > 1 {
			c.tree.Add(key[0], &contest{key[0], key[1], slices.Sorted(maps.Keys(spaces))})
			c.count++
		}
	}
	return c
}

// under names up to three hosts below a pattern, without those that the
// namespace has itself, which come first for it.
func (c *contests) under(pattern, namespace string) []string {
	list, ok := c.known[pattern]
	if !ok {
		list = slices.Clone(c.tree.Exact(pattern))
		if strings.HasPrefix(pattern, "*") {
			c.tree.Under(pattern, func(one *contest) bool { list = append(list, one); return true })
		}
		slices.SortFunc(list, func(a, b *contest) int {
			return cmp.Or(strings.Compare(a.host, b.host), strings.Compare(a.kind, b.kind))
		})
		c.known[pattern] = list
	}
	var out []string
	for _, one := range list {
		if slices.Contains(one.spaces, namespace) {
			continue
		}
		out = append(out, one.kind+" "+one.host+" in "+rule.First(one.spaces))
		if len(out) == 3 {
			break
		}
	}
	return out
}
