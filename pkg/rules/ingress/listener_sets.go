package ingress

import (
	"fmt"

	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// listenersIn are the listeners that a ListenerSet brings, as a Gateway has them.
func listenersIn(set *gateway.ListenerSet) []gateway.Listener {
	var out []gateway.Listener
	for _, l := range set.Spec.Listeners {
		out = append(out, gateway.Listener(l))
	}
	return out
}

// gatewayOf finds what keeps a ListenerSet from its Gateway.
func (x targets) gatewayOf(set *gateway.ListenerSet) problem {
	ref := set.Spec.ParentRef
	if text(ref.Kind, "Gateway") != "Gateway" || text(ref.Group, gateway.GroupName) != gateway.GroupName {
		return problem{}
	}
	to := name{space(set, ref.Namespace), string(ref.Name)}
	switch g := x.gateways[to]; {
	case g == nil:
		return problem{"spec.parentRef.name", fmt.Sprintf("there is no Gateway %s of the Gateway API", to), true}
	case !x.allowsSet(g, set.Namespace):
		return problem{"spec.parentRef", fmt.Sprintf("Gateway %s lets no ListenerSets of namespace %s in; set its spec.allowedListeners", to, set.Namespace), false}
	}
	return problem{}
}

// allowsSet says whether a Gateway takes ListenerSets of a namespace: of none
// unless told. Where that depends on labels which nobody has seen, it is
// believed to.
func (x targets) allowsSet(g *gateway.Gateway, namespace string) bool {
	if g.Spec.AllowedListeners == nil || g.Spec.AllowedListeners.Namespaces == nil {
		return false
	}
	allowed := g.Spec.AllowedListeners.Namespaces
	switch text(allowed.From, string(gateway.NamespacesFromNone)) {
	case string(gateway.NamespacesFromAll):
		return true
	case string(gateway.NamespacesFromSame):
		return g.Namespace == namespace
	case string(gateway.NamespacesFromSelector):
		ns := x.Space(namespace)
		return ns == nil || selects(allowed.Selector, ns)
	}
	return false
}
