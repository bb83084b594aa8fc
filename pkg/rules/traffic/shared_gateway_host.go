package traffic

import (
	"fmt"
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sharedGatewayHost() *rule.Rule {
	return &rule.Rule{
		ID: "VS002", Name: "shared-gateway-host", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices, snapshot.Gateways},
		Summary: "Several VirtualServices have a host on the same gateway, and more than one takes what is left or the same requests.",
		Why:     "istiod joins their rules in the order of creation, so which one gets a request that several match changes when one is made anew.",
		Fix:     "Keep one VirtualService for the host that delegates to the others, and only there a rule for what is left.",
		Hints:   []string{"V1"}, Equivalents: []string{"KIA1106"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			shared, there := map[[2]string][]*mesh.VirtualService{}, serversOf(m)
			for _, v := range m.Routing() {
				for _, g := range v.Gateways {
					if g == mesh.MeshGateway || len(v.Spec.GetHttp()) == 0 {
						continue
					}
					for _, host := range v.Hosts {
						if o := there[g]; o != nil && !o.takes(host, v.Namespace) {
							continue
						}
						shared[[2]string{g, host}] = append(shared[[2]string{g, host}], v)
					}
				}
			}
			told := map[*mesh.VirtualService]bool{}
			for _, key := range slices.SortedFunc(maps.Keys(shared), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
				if several := shared[key]; len(several) > 1 {
					join(p, key[0], key[1], several, told)
				}
			}
			p.Lookedf("%s, none in the way of another at a gateway", finding.Count(len(m.Routing()), "VirtualService"))
		},
	}
}

// join looks at what a gateway joins for a host, in its order. Of one that has
// been told of already, on another gateway or host, nothing more is said.
func join(p *rule.Pass, gateway, host string, several []*mesh.VirtualService, told map[*mesh.VirtualService]bool) {
	rest := (*mesh.VirtualService)(nil) // who takes what is left
	taken := map[string]*mesh.VirtualService{}
	clash := false
	for _, v := range several {
		var own []string
		tell := func(path, format string, args ...any) {
			if !told[v] {
				p.Reportf(snapshot.Place(v.VirtualService, path), format, args...)
			}
			told[v], clash = true, true
		}
		for i, r := range v.Spec.GetHttp() {
			for j, c := range conditionsOf(r.GetMatch(), gateway, v.Namespace) {
				if c.off {
					continue
				}
				if c.all() {
					if rest != nil && rest != v && rest.Visible.Overlaps(v.Visible) {
						tell(fmt.Sprintf("spec.http[%d]", i), "VirtualService %s/%s too takes all other requests for %s at Gateway %s, and only the older rule does", rest.Namespace, rest.Name, host, gateway)
					}
					if rest == nil {
						rest = v
					}
					continue
				}
				if other := taken[c.key()]; other != nil && other != v && other.Visible.Overlaps(v.Visible) {
					tell(fmt.Sprintf("spec.http[%d].match[%d]", i, j), "VirtualService %s/%s matches the same requests for %s at Gateway %s, and only the older rule gets them", other.Namespace, other.Name, host, gateway)
				}
				own = append(own, c.key())
			}
		}
		for _, key := range own {
			if taken[key] == nil {
				taken[key] = v
			}
		}
	}
	if last := several[len(several)-1]; !clash && !told[last] {
		told[last] = true
		p.Reportf(snapshot.Place(last.VirtualService, hostPath(slices.Index(last.Hosts, host))), "%s share host %s at Gateway %s: their rules are joined in the order of creation, so that prefixes of one must not cover another's",
			finding.Count(len(several), "VirtualService"), host, gateway).Severity = finding.Info
	}
}
