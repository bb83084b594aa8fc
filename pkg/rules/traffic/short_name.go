package traffic

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func shortName() *rule.Rule {
	return &rule.Rule{
		ID: "VS003", Name: "short-name", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(snapshot.VirtualServices),
		Summary: "A VirtualService names hosts or destinations without a domain.",
		Why:     "istiod completes short names with the namespace of the VirtualService, not of the service, so a copy in another namespace routes elsewhere.",
		Fix:     "Write full names, such as reviews.bookinfo.svc.cluster.local.",
		Hints:   []string{"V2"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, v := range routes(m) {
				shortNames(p, m, v)
			}
			p.Lookedf("%s, all with full names", finding.Count(len(m.Routing()), "VirtualService"))
		},
	}
}

// shortNames reports those of a VirtualService, together: it is one thing to
// do. Where a service of that namespace proves that they mean what they say,
// it is only worth knowing.
func shortNames(p *rule.Pass, m *mesh.Mesh, v route) {
	var names []string
	severity, place := finding.Info, ""
	take := func(name, path string) {
		if full := m.FQDN(name, v.Namespace); full != name {
			names = append(names, name)
			if len(m.ServicesOf(full)) == 0 {
				severity = finding.Warning
			}
			if place == "" {
				place = path
			}
		}
	}
	for i, host := range v.Spec.GetHosts() {
		take(host, hostPath(i))
	}
	for _, l := range v.legs {
		take(l.to.GetHost(), l.path()+".host")
	}
	if len(names) == 0 {
		return
	}
	full := strings.TrimPrefix(m.FQDN("NAME", v.Namespace), "NAME")
	p.Reportf(snapshot.Place(v.VirtualService.VirtualService, place), "short names mean services of this VirtualService's namespace (NAME%s): write %s in full", full, rule.Some(names)).Severity = severity
}
