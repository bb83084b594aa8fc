package platform

import (
	"net/netip"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// probeAddress is where the kubelet's probes come from in ambient mode, as
// istio.io's prerequisites say.
const probeAddress = "169.254.7.127"

// ciliumDeniesProbes goes by istio.io's prerequisites of ambient mode with
// Cilium, which let the address in by a policy for the whole cluster.
func ciliumDeniesProbes() *rule.Rule {
	return &rule.Rule{
		ID: "CNI007", Name: "cilium-denies-probes", Category: "Platform", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CiliumConfig, snapshot.NetworkPolicies, snapshot.CiliumPolicies, snapshot.Namespaces},
		Summary: "A network policy denies all that is not named, and none lets the kubelet's probes in.",
		Why:     "With Cilium probes of pods in ambient mode come from " + probeAddress + ", so these pods never get ready.",
		Fix:     "Add the CiliumClusterwideNetworkPolicy of istio.io's prerequisites, which allows ingress from " + probeAddress + "/32.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("%d network policies, %d of Cilium", len(p.NetworkPolicies), len(p.CiliumPolicies))
			if p.CiliumConfig == nil || !installed(p, "ztunnel") || probesAllowed(p) {
				return
			}
			concerned := inAmbient(p)
			var denying []snapshot.Object
			for _, n := range p.NetworkPolicies {
				if concerned(n.Namespace) && deniesIngress(n) {
					denying = append(denying, n)
				}
			}
			for _, o := range p.CiliumPolicies {
				if concerned(o.GetNamespace()) && ciliumDenies(o) {
					denying = append(denying, o)
				}
			}
			p.Lookedf("%d network policies", len(p.NetworkPolicies)+len(p.CiliumPolicies))
			if len(denying) > 0 {
				p.Reportf(snapshot.Place(denying[0], "spec"), "%s denied by default, and no policy allows ingress from %s/32, where probes of pods in ambient mode come from with Cilium", atMost(denying, "ingress is"), probeAddress)
			}
		},
	}
}

// atMost names three objects.
func atMost(objects []snapshot.Object, what string) string {
	var names []string
	for _, o := range objects {
		names = append(names, snapshot.KeyOf(o).String())
	}
	return rule.First(names) + ": " + what
}

// deniesIngress says whether a policy selects all pods of its namespace and
// lets nothing in.
func deniesIngress(n *networkingv1.NetworkPolicy) bool {
	s := n.Spec.PodSelector
	return len(s.MatchLabels)+len(s.MatchExpressions) == 0 && len(n.Spec.Ingress) == 0 &&
		(len(n.Spec.PolicyTypes) == 0 || n.Spec.PolicyTypes[0] == networkingv1.PolicyTypeIngress || len(n.Spec.PolicyTypes) > 1)
}

// ciliumDenies is the same of Cilium's own policies: an ingress section that
// is there and lets nothing in, for all endpoints.
func ciliumDenies(o *unstructured.Unstructured) bool {
	selector, found, _ := unstructured.NestedMap(o.Object, "spec", "endpointSelector")
	ingress, has, _ := unstructured.NestedSlice(o.Object, "spec", "ingress")
	if !found || len(selector) > 0 || !has {
		return false
	}
	for _, r := range ingress {
		if rule, ok := r.(map[string]any); !ok || len(rule) > 0 {
			return false
		}
	}
	return true
}

// inAmbient says which namespaces' pods are in ambient mode or will be: as long
// as none is labelled, all that are neither the cluster's own nor said to stay
// out. Policies of the whole cluster have no namespace.
func inAmbient(p *rule.Pass) func(namespace string) bool {
	const label, ambient = "istio.io/dataplane-mode", "ambient"
	modes, any := map[string]string{}, false
	for _, ns := range p.Namespaces {
		mode := ns.Labels[label]
		if mode == "" && (ns.Labels["istio-injection"] != "" || ns.Labels["istio.io/rev"] != "" || strings.HasPrefix(ns.Name, "kube-")) {
			mode = "none"
		}
		modes[ns.Name], any = mode, any || mode == ambient
	}
	return func(namespace string) bool {
		mode := modes[namespace]
		return namespace == "" || mode == ambient || !any && mode != "none"
	}
}

// probesAllowed looks for the address in any policy of Cilium's: which pods it
// is for is not weighed.
func probesAllowed(p *rule.Pass) bool {
	for _, o := range p.CiliumPolicies {
		rules, _, _ := unstructured.NestedSlice(o.Object, "spec", "ingress")
		for _, r := range rules {
			m, _ := r.(map[string]any)
			if slices.ContainsFunc(ranges(m), holdsProbes) {
				return true
			}
		}
	}
	return false
}

// ranges are the addresses of a rule, without sets that except the probes'.
func ranges(rule map[string]any) []string {
	out, _, _ := unstructured.NestedStringSlice(rule, "fromCIDR")
	sets, _, _ := unstructured.NestedSlice(rule, "fromCIDRSet")
	for _, s := range sets {
		set, _ := s.(map[string]any)
		except, _, _ := unstructured.NestedStringSlice(set, "except")
		if cidr, _ := set["cidr"].(string); !slices.ContainsFunc(except, holdsProbes) {
			out = append(out, cidr)
		}
	}
	return out
}

func holdsProbes(cidr string) bool {
	if !strings.Contains(cidr, "/") {
		return cidr == probeAddress
	}
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && prefix.Contains(netip.MustParseAddr(probeAddress))
}
