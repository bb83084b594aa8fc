package workloads

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func serviceWithoutPods() *rule.Rule {
	return &rule.Rule{
		ID: "APP007", Name: "service-without-pods", Category: requirements, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(snapshot.Services),
		Summary: "A Service selects no pods, or leads to a port that they do not have.",
		Why:     "The Service has no endpoints, and every request to it fails with 503.",
		Fix:     "Correct the selector or the targetPort; a number that pods do not declare is told as info, because they may listen on it all the same.",
		Hints:   []string{"S9"}, Equivalents: []string{"KIA0701"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			of := selected(m).of
			whole, why := p.Has(snapshot.Sole)
			for _, s := range p.Services {
				if len(s.Spec.Selector) == 0 || s.Spec.Type == corev1.ServiceTypeExternalName || s.Labels[mesh.ManagedLabel] != "" || s.Labels["operator.istio.io/component"] != "" {
					continue
				}
				looked++
				by := ""
				if len(of[s]) == 0 {
					by = m.MadeByOther(s.Namespace, s.Spec.Selector)
				}
				switch {
				case len(of[s]) > 0:
					reportTargetPort(p, s, of[s])
				case by != "":
					p.Undecidedf("of some Services the pods are made by objects of kinds that are not read, such as %s", by)
				case !whole:
					p.Undecidedf("of some Services no pods are in the picture: %s", why)
				case !system(m, s.Namespace):
					p.Reportf(snapshot.Place(s, "spec.selector"), "no workload of namespace %s has these labels, so the Service has no endpoints; correct the selector", s.Namespace)
				}
			}
			p.Lookedf("%s with a selector", finding.Count(looked, "Service"))
		},
	}
}

// reportTargetPort reports the first name of a port that none of the selected
// pods has. Pods may listen on numbers that they do not declare, so these count
// only where none of the Service's is declared.
func reportTargetPort(p *rule.Pass, s *corev1.Service, selected []*mesh.Workload) {
	declared := false
	for i, port := range s.Spec.Ports {
		name, number := port.TargetPort.StrVal, cmp.Or(port.TargetPort.IntVal, port.Port)
		has := sidecarPorts(number) != "" && name == "" || slices.ContainsFunc(selected, func(w *mesh.Workload) bool {
			return hasPort(w, name, number) || name == "" && !declaresPorts(w)
		})
		declared = declared || has
		if name != "" && !has {
			p.Reportf(targetAt(s, i), "targetPort %q is no port of %s, so port %d has no endpoints; correct the name or define the port", name, some(selected), port.Port)
			return
		}
	}
	if !declared && len(s.Spec.Ports) > 0 {
		first := s.Spec.Ports[0]
		f := p.Reportf(targetAt(s, 0), "port %d leads to port %d, and %s declares other ports only; check the number", first.Port, cmp.Or(first.TargetPort.IntVal, first.Port), some(selected))
		f.Severity = finding.Info
	}
}

func targetAt(s *corev1.Service, port int) finding.Location {
	return snapshot.Place(s, fmt.Sprintf("spec.ports[%d].targetPort", port))
}

// hasPort says whether a workload's pods have a port of a name, or of a number
// where there is no name. What is injected brings ports of its own.
func hasPort(w *mesh.Workload, name string, number int32) bool {
	if name == "http-envoy-prom" {
		return true
	}
	for _, list := range [][]corev1.Container{w.Spec.Containers, w.Spec.InitContainers} {
		for i := range list {
			for _, own := range list[i].Ports {
				if name != "" && own.Name == name || name == "" && own.ContainerPort == number {
					return true
				}
			}
		}
	}
	return false
}

// declaresPorts says whether every container says which ports it has, so that
// one which none names is likely a mistake. Of a proxy besides others they say
// nothing; a gateway's own are what its Gateways tell it to listen on.
func declaresPorts(w *mesh.Workload) bool {
	some := false
	for i := range w.Spec.Containers {
		if c := &w.Spec.Containers[i]; len(c.Ports) > 0 {
			some = true
		} else if c.Name != "istio-proxy" {
			return false
		}
	}
	return some
}

// some names a few workloads.
func some(list []*mesh.Workload) string {
	names := make([]string, len(list))
	for i, w := range list[:min(len(list), 3)] {
		names[i] = w.String() // no more than that are printed
	}
	return rule.First(names)
}
