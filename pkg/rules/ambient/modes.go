package ambient

import (
	"slices"

	"istio.io/api/label"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func waypointOutside() *rule.Rule {
	return &rule.Rule{
		ID: "AMB005", Name: "waypoint-outside-mesh", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: workloads(),
		Summary:     "The pods of a workload or namespace are to use a waypoint and are not in ambient mode.",
		Why:         "Only connections that ztunnel carries go through a waypoint, so that its policies do not hold for these pods.",
		Fix:         "Label the namespace or the pods istio.io/dataplane-mode: ambient, or remove istio.io/use-waypoint.",
		Equivalents: []string{"KIA1312"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			for _, w := range m.Workloads() {
				if _, asked := mesh.AskedWaypoint(w.Labels, w.Namespace()); asked != mesh.Yes {
					continue
				}
				looked++
				if m.InAmbient(w) == mesh.No {
					p.Reportf(w.At(`metadata.labels["`+label.IoIstioUseWaypoint.Name+`"]`), "the pods of %s are not in ambient mode, so that nothing goes through waypoint %s", w, w.Labels[label.IoIstioUseWaypoint.Name])
				}
			}
			for _, ns := range p.Namespaces {
				w, asked := mesh.AskedWaypoint(ns.Labels, ns.Name)
				if asked != mesh.Yes || ns.Labels[label.IoIstioIngressUseWaypoint.Name] == "true" {
					continue
				}
				looked++
				if list := m.WorkloadsOf(ns.Name); len(list) > 0 && !slices.ContainsFunc(list, func(w *mesh.Workload) bool { return m.InAmbient(w) != mesh.No || m.HasSidecar(w) != mesh.No }) {
					p.Reportf(snapshot.Place(ns, `metadata.labels["`+label.IoIstioUseWaypoint.Name+`"]`), "no pods of namespace %s are in the mesh, so that only calls from namespaces in ambient mode go through waypoint %s; label it %s: ambient", ns.Name, w.Name, mesh.DataplaneLabel)
				}
			}
			p.Lookedf("%s with a waypoint, all in ambient mode", finding.Count(looked, "label"))
		},
	}
}

func bothModes() *rule.Rule {
	return &rule.Rule{
		ID: "AMB006", Name: "sidecar-and-ambient", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(mesh.EdgeParts(), snapshot.Namespaces),
		Summary:     "Pods are to be in ambient mode and have a sidecar.",
		Why:         "The sidecar wins: ztunnel leaves the pods alone, and what is said for ambient mode does not hold for them.",
		Fix:         "Keep one of the two: remove the sidecar's label, or istio.io/dataplane-mode.",
		Equivalents: []string{"KIA1311", "KIA1314", "KIA1315", "KIA1316"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, w := range m.Workloads() {
				if m.HasSidecar(w) != mesh.Yes || m.IsEdge(w) {
					continue
				}
				switch own := w.Labels[mesh.DataplaneLabel]; {
				case own == "ambient":
					p.Reportf(w.At(`metadata.labels["`+mesh.DataplaneLabel+`"]`), "the pods of %s have a sidecar, which %s: ambient does not take; keep one of the two", w, mesh.DataplaneLabel)
				case own == "" && ambientSpace(m, w) && deliberate(w):
					p.Reportf(w.At("metadata.labels"), "the pods of %s have a sidecar in namespace %s, which is in ambient mode", w, w.Namespace()).Severity = finding.Info
				}
			}
			p.Lookedf("%s, none with a sidecar in ambient mode", finding.Count(len(m.Workloads()), "workload"))
		},
	}
}

func ambientSpace(m *mesh.Mesh, w *mesh.Workload) bool {
	ns := m.Space(w.Namespace())
	return ns != nil && ns.Labels[mesh.DataplaneLabel] == "ambient"
}

// deliberate says whether the workload itself has the sidecar, not the labels
// of its namespace: of two labels there another rule speaks.
func deliberate(w *mesh.Workload) bool {
	if w.Labels[mesh.InjectLabel] == "true" || w.Labels[mesh.RevisionLabel] != "" {
		return true
	}
	for _, c := range append(w.Spec.Containers, w.Spec.InitContainers...) {
		if c.Name == "istio-proxy" {
			return true
		}
	}
	return false
}
