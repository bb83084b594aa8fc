package scope

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// exportAnnotation says on a Kubernetes Service who sees it.
const exportAnnotation = "networking.istio.io/exportTo"

func unknownNamespace() *rule.Rule {
	return &rule.Rule{
		ID: "SCP005", Name: "exported-to-unknown-namespace", Category: category, Severity: finding.Warning,
		Stages: analyze(),
		Needs: []snapshot.Part{
			snapshot.Sole, snapshot.Namespaces, snapshot.VirtualServices, snapshot.DestinationRules, snapshot.ServiceEntries, snapshot.Services,
		},
		Summary: "exportTo names a namespace that does not exist.",
		Why:     "Nobody there sees the object, and the namespace that was meant does not either.",
		Fix:     "Correct the name, or remove it.",
		Hints:   []string{"X1"}, Equivalents: []string{"KIA0005"},
		Run: func(p *rule.Pass) {
			if len(p.Namespaces) == 0 {
				p.Undecidedf("the files hold no namespaces")
				return
			}
			e := exports{p, mesh.Of(p.Snapshot)}
			for _, o := range p.VirtualServices {
				e.look(o, o.Spec.GetExportTo())
			}
			for _, o := range p.DestinationRules {
				e.look(o, o.Spec.GetExportTo())
			}
			for _, o := range p.ServiceEntries {
				e.look(o, o.Spec.GetExportTo())
			}
			for _, o := range p.Services {
				for to := range strings.SplitSeq(o.Annotations[exportAnnotation], ",") {
					if to = strings.TrimSpace(to); e.unknown(to) {
						p.Reportf(snapshot.Place(o, "metadata.annotations["+exportAnnotation+"]"), "there is no namespace %s to export to; correct the name or remove it", to)
					}
				}
			}
			p.Lookedf("exportTo of services and rules, %s", finding.Count(len(p.Namespaces), "namespace"))
		},
	}
}

type exports struct {
	*rule.Pass
	mesh *mesh.Mesh
}

func (e exports) unknown(to string) bool {
	return to != "" && to != "." && to != "*" && to != "~" && !e.mesh.Exists(to)
}

// look reports the namespaces of a list that do not exist.
func (e exports) look(o snapshot.Object, exportTo []string) {
	for i, to := range exportTo {
		if e.unknown(to) {
			e.Reportf(snapshot.Place(o, fmt.Sprintf("spec.exportTo[%d]", i)), "there is no namespace %s to export to; correct the name or remove it", to)
		}
	}
}
