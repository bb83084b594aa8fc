package ingress

import (
	"fmt"
	"slices"

	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func grantForNobody() *rule.Rule {
	return &rule.Rule{
		ID: "GWY012", Name: "grant-for-nobody", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: append(mesh.EdgeParts(), routeParts(snapshot.ReferenceGrants, snapshot.ListenerSets, snapshot.Namespaces, snapshot.Whole)...),
		Summary:     "A ReferenceGrant is for a namespace that does not exist.",
		Why:         "It allows nothing, and whoever makes a namespace of that name gets what was meant for another.",
		Fix:         "Correct or remove the namespace.",
		Equivalents: []string{"KIA1601"},
		Run: func(p *rule.Pass) {
			known := map[string]bool{"default": true, "istio-system": true}
			add := func(o snapshot.Object) { known[o.GetNamespace()] = true }
			for _, ns := range p.Namespaces {
				known[ns.Name] = true
			}
			for _, w := range mesh.Of(p.Snapshot).Workloads() {
				add(w.Object)
			}
			for _, r := range mesh.Of(p.Snapshot).Routes() {
				add(r)
			}
			for _, g := range p.KubernetesGateways {
				add(g)
			}
			for _, l := range p.ListenerSets {
				add(l)
			}
			for _, g := range p.ReferenceGrants {
				for i, from := range g.Spec.From {
					if !known[string(from.Namespace)] {
						p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.from[%d].namespace", i)), "there is no namespace %s", from.Namespace)
						break
					}
				}
			}
			p.Lookedf("%s, for namespaces that there are", finding.Count(len(p.ReferenceGrants), "ReferenceGrant"))
		},
	}
}

// grant is who may refer to what.
type grant struct{ fromKind, from, toKind, to string }

// grants are the names that each allows; "" for all.
type grants map[grant]map[string]bool

func grantsOf(list []*gateway.ReferenceGrant) grants {
	out := grants{}
	for _, g := range list {
		for _, from := range g.Spec.From {
			for _, to := range g.Spec.To {
				key := grant{string(from.Kind), string(from.Namespace), string(to.Kind), g.Namespace}
				if out[key] == nil {
					out[key] = map[string]bool{}
				}
				out[key][text(to.Name, "")] = true
			}
		}
	}
	return out
}

func (g grants) allow(fromKind, from, toKind string, to name) bool {
	names := g[grant{fromKind, from, toKind, to.namespace}]
	return from == to.namespace || names[""] || names[to.name]
}

func missingGrant() *rule.Rule {
	return &rule.Rule{
		ID: "GWY013", Name: "missing-grant", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: routeParts(snapshot.KubernetesGateways, snapshot.ListenerSets, snapshot.ReferenceGrants, snapshot.Whole),
		Summary: "A route, Gateway or ListenerSet refers to another namespace, where no ReferenceGrant allows it.",
		Why:     "The reference is ignored: requests get 500, connections are closed, and a listener without its certificate is not opened.",
		Fix:     "Apply a ReferenceGrant in the namespace that is referred to.",
		Run: func(p *rule.Pass) {
			given, looked := grantsOf(p.ReferenceGrants), 0
			for _, r := range mesh.Of(p.Snapshot).Routes() {
				looked++
				if !atGateway(r) {
					continue // in the mesh nobody asks for grants
				}
				for _, b := range r.Backends {
					to := name{space(r, b.Namespace), string(b.Name)}
					if kind := text(b.Kind, "Service"); !given.allow(r.Kind, r.GetNamespace(), kind, to) {
						p.Reportf(snapshot.Place(r, b.Path+".namespace"), "no ReferenceGrant in namespace %s lets %ss of namespace %s use %s %s", to.namespace, r.Kind, r.GetNamespace(), kind, to.name)
						break
					}
				}
			}
			for _, g := range p.KubernetesGateways {
				looked++
				certificates(p, g, "Gateway", g.Spec.Listeners, given)
			}
			for _, l := range p.ListenerSets {
				looked++
				certificates(p, l, "ListenerSet", listenersIn(l), given)
			}
			p.Lookedf("%s, with references that are allowed", finding.Count(looked, "object"))
		},
	}
}

// atGateway says whether any parent of a route is not a service.
func atGateway(r *mesh.Route) bool {
	return slices.ContainsFunc(r.Parents, func(ref gateway.ParentReference) bool {
		return text(ref.Group, gateway.GroupName) == gateway.GroupName
	})
}

// certificates reports the first certificate that listeners may not use.
func certificates(p *rule.Pass, g snapshot.Object, from string, listeners []gateway.Listener, given grants) {
	for i, l := range listeners {
		if l.TLS == nil {
			continue
		}
		for j, ref := range l.TLS.CertificateRefs {
			to := name{space(g, ref.Namespace), string(ref.Name)}
			if kind := text(ref.Kind, "Secret"); !given.allow(from, g.GetNamespace(), kind, to) {
				p.Reportf(snapshot.Place(g, fmt.Sprintf("spec.listeners[%d].tls.certificateRefs[%d].namespace", i, j)),
					"no ReferenceGrant in namespace %s lets %ss of namespace %s use %s %s", to.namespace, from, g.GetNamespace(), kind, to.name)
				return
			}
		}
	}
}
