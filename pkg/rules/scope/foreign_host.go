package scope

import (
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func foreignHost() *rule.Rule {
	return &rule.Rule{
		ID: "SCP002", Name: "rule-for-foreign-host", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices, snapshot.DestinationRules, snapshot.Services, snapshot.ServiceEntries},
		Summary: "A VirtualService or DestinationRule is about a host of another namespace.",
		Why:     "A VirtualService that others see reroutes their requests to somebody else's service; either kind takes the place of what the owner has written for the clients of its namespace.",
		Fix:     "Let the namespace that owns the service hold the rule, and allow no other namespace to write some.",
		Hints:   []string{"X1"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			destinations(p, m)
			routes(p, m)
			p.Lookedf("%s and %s", finding.Count(len(p.VirtualServices), "VirtualService"), finding.Count(len(p.DestinationRules), "DestinationRule"))
		},
	}
}

// owner is the namespace of a host, where it is not the rule's own; "" where
// that is not so, or not known. A wildcard for all services of a namespace is
// that namespace's.
func owner(m *mesh.Mesh, host, namespace string) string {
	out := ""
	for _, s := range m.ServicesOf(host) {
		if s.Namespace == namespace {
			return ""
		}
		if out == "" {
			out = s.Namespace
		}
	}
	if out == "" {
		if _, of, ok := m.Split(strings.Replace(host, "*.", "any.", 1)); ok && of != namespace && of != "*" {
			out = of
		}
	}
	return out
}

// authored are the rules of one kind by host, one for each namespace.
type authored[T any] struct {
	tree mesh.Hosts[map[string]T]
}

func (w *authored[T]) add(host, namespace string, object T) {
	known := w.tree.Exact(host)
	if len(known) == 0 {
		w.tree.Add(host, map[string]T{namespace: object})
	} else if _, there := known[0][namespace]; !there {
		known[0][namespace] = object
	}
}

// of finds a rule of a namespace that is about a host, the nearest one.
func (w *authored[T]) of(host, namespace string) (T, bool) {
	for _, spaces := range w.tree.Exact(host) {
		if found, ok := spaces[namespace]; ok {
			return found, true
		}
	}
	covering := w.tree.Covering(host)
	for i := len(covering) - 1; i >= 0; i-- {
		if found, ok := covering[i][namespace]; ok {
			return found, true
		}
	}
	var none T
	return none, false
}

// destinations reports DestinationRules. istiod looks for one in the client's
// namespace, then in the service's, then in the root namespace, and nowhere
// else.
func destinations(p *rule.Pass, m *mesh.Mesh) {
	var known authored[*networking.DestinationRule]
	for _, dr := range p.DestinationRules {
		known.add(m.FQDN(dr.Spec.GetHost(), dr.Namespace), dr.Namespace, dr)
	}
	for _, dr := range p.DestinationRules {
		host := m.FQDN(dr.Spec.GetHost(), dr.Namespace)
		from := owner(m, host, dr.Namespace)
		if from == "" || dr.Namespace == m.Root || m.OfDestinationRule(dr).None() || assumed(p, dr) {
			continue
		}
		at := snapshot.Place(dr, "spec.host")
		theirs, ok := known.of(host, from)
		if !ok {
			theirs, ok = known.of(host, m.Root)
		}
		if ok && m.OfDestinationRule(theirs).In(dr.Namespace) {
			p.Reportf(at, "%s belongs to namespace %s; for clients in %s this replaces %s/%s with all its settings, for others it does nothing", host, from, dr.Namespace, theirs.Namespace, theirs.Name)
			continue
		}
		p.Reportf(at, "%s belongs to namespace %s; this rule holds for clients in %s only, whatever exportTo says", host, from, dr.Namespace).Severity = finding.Info
	}
}

// routes reports VirtualServices for sidecars.
func routes(p *rule.Pass, m *mesh.Mesh) {
	var known authored[*networking.VirtualService]
	for _, vs := range p.VirtualServices {
		for _, host := range vs.Spec.GetHosts() {
			if insideMesh(vs) {
				known.add(m.FQDN(host, vs.Namespace), vs.Namespace, vs)
			}
		}
	}
	for _, vs := range p.VirtualServices {
		if insideMesh(vs) {
			foreignRoute(p, m, &known, vs)
		}
	}
}

func foreignRoute(p *rule.Pass, m *mesh.Mesh, known *authored[*networking.VirtualService], vs *networking.VirtualService) {
	visible := m.OfVirtualService(vs)
	for i, short := range vs.Spec.GetHosts() {
		host := m.FQDN(short, vs.Namespace)
		from := owner(m, host, vs.Namespace)
		if from == "" || visible.None() || assumed(p, vs) {
			continue
		}
		at := snapshot.Place(vs, hostPath(i))
		theirs, ok := known.of(host, from)
		ok = ok && (m.OfVirtualService(theirs).Overlaps(visible))
		switch {
		case beyond(visible, vs.Namespace) && ok:
			p.Reportf(at, "%s belongs to namespace %s, whose %s routes it as well: which one a client gets depends on the order of creation", host, from, theirs.Name)
		case beyond(visible, vs.Namespace):
			p.Reportf(at, "%s belongs to namespace %s, and this routes it for clients of other namespaces too; let the owner write it, or set exportTo to [\".\"]", host, from)
		case ok:
			p.Reportf(at, "%s belongs to namespace %s; for clients in %s this replaces its VirtualService %s", host, from, vs.Namespace, theirs.Name)
		default:
			p.Reportf(at, "%s belongs to namespace %s; this routes it for clients in %s only", host, from, vs.Namespace).Severity = finding.Info
		}
		return
	}
}

// beyond says whether others than a namespace see an object.
func beyond(v mesh.Visibility, namespace string) bool {
	return v.All() || len(v.Namespaces()) > 1 || !v.In(namespace)
}
