package ambient

import (
	"fmt"
	"strings"

	"istio.io/api/label"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingWaypoint() *rule.Rule {
	return &rule.Rule{
		ID: "AMB004", Name: "missing-waypoint", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: workloads(snapshot.Services, snapshot.ServiceEntries, snapshot.KubernetesGateways, snapshot.GatewayClasses),
		Summary:     "A label asks for a waypoint that is not there, or that does not serve what asks.",
		Why:         "Connections go past it or fail, and the policies and routes for HTTP have no effect.",
		Fix:         "Create the waypoint with istioctl waypoint apply, correct istio.io/use-waypoint, or set istio.io/waypoint-for and the listener's allowedRoutes of the waypoint.",
		Equivalents: []string{"KIA1313"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			whole, reason := p.Has(snapshot.Whole)
			looked := 0
			ask := func(o finding.Locator, labels map[string]string, namespace, kind string) {
				w, asked := mesh.AskedWaypoint(labels, namespace)
				if asked != mesh.Yes {
					return
				}
				looked++
				g := m.KubernetesGateway(w.Namespace, w.Name)
				switch why := unfit(m, g, w, namespace, kind); {
				case why == "":
				case g == nil && !whole:
					p.Undecidedf("%s", reason)
				default:
					p.Reportf(o, "%s", why)
				}
			}
			const path = `metadata.labels["istio.io/use-waypoint"]`
			for _, ns := range p.Namespaces {
				ask(snapshot.Place(ns, path), ns.Labels, ns.Name, "")
			}
			for _, s := range p.Services {
				ask(snapshot.Place(s, path), s.Labels, s.Namespace, "service")
			}
			for _, e := range p.ServiceEntries {
				ask(snapshot.Place(e, path), e.Labels, e.Namespace, "service")
			}
			for _, w := range m.Workloads() {
				ask(w.At(path), w.Labels, w.Namespace(), "workload")
			}
			p.Lookedf("%s for a waypoint, each of one that serves it", finding.Count(looked, "label"))
		},
	}
}

// unfit says why a Gateway is no waypoint for what asks; "" if it is.
func unfit(m *mesh.Mesh, g *gateway.Gateway, w mesh.Waypoint, namespace, kind string) string {
	if g == nil {
		return fmt.Sprintf("there is no waypoint %s in namespace %s", w.Name, w.Namespace)
	}
	if class := m.Class(g); class == mesh.EdgeClass || class == mesh.EastWestClass {
		return fmt.Sprintf("Gateway %s/%s is of class %s, which is no waypoint; use istio-waypoint", w.Namespace, w.Name, g.Spec.GatewayClassName)
	}
	if purpose := g.Labels[label.IoIstioWaypointFor.Name]; kind == "workload" && (purpose == "" || purpose == "service") || kind == "service" && purpose == "workload" || purpose == "none" {
		return fmt.Sprintf("waypoint %s/%s is not for traffic of a %s; label it istio.io/waypoint-for: all", w.Namespace, w.Name, orAny(kind))
	}
	if !serves(m, g, namespace) {
		return fmt.Sprintf("waypoint %s/%s serves its own namespace only; set allowedRoutes.namespaces of its listener", w.Namespace, w.Name)
	}
	return ""
}

func orAny(kind string) string {
	if kind == "" {
		return "namespace"
	}
	return kind
}

// serves says whether the listener of a waypoint lets a namespace in; a
// selector over labels that nobody has seen is believed to.
func serves(m *mesh.Mesh, g *gateway.Gateway, namespace string) bool {
	if g.Namespace == namespace {
		return true
	}
	for _, l := range g.Spec.Listeners {
		if !strings.EqualFold(string(l.Protocol), "HBONE") || l.AllowedRoutes == nil || l.AllowedRoutes.Namespaces == nil || l.AllowedRoutes.Namespaces.From == nil {
			continue
		}
		if from := *l.AllowedRoutes.Namespaces.From; from == gateway.NamespacesFromAll || from == gateway.NamespacesFromSelector {
			return true
		}
	}
	return len(g.Spec.Listeners) == 0
}
