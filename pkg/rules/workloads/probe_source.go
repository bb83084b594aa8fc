package workloads

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// probeSource is the address that the kubelet's probes come from in pods of
// ambient mode, unless the CNI agent is told another.
const probeSource = "169.254.7.127"

func probesKeptOut() *rule.Rule {
	return &rule.Rule{
		ID: "PRB004", Name: "probes-kept-out", Category: probes, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(snapshot.NetworkPolicies, snapshot.Whole),
		Summary: "A NetworkPolicy keeps the kubelet's probes away from pods of ambient mode.",
		Why:     "There they come from " + probeSource + ", not from the node, and a policy that denies by default lets only the node through.",
		Fix:     "Allow ingress from " + probeSource + "/32 to the ports of the probes.",
		Hints:   []string{"S11"},
		Run: func(p *rule.Pass) {
			m, source, looked := mesh.Of(p.Snapshot), sourceOf(p), 0
			policies := ingressPolicies(p)
			kept := map[*networkingv1.NetworkPolicy][]string{}
			for _, w := range applications(m) {
				all := probesOf(w)
				if len(policies[w.Namespace()]) == 0 || len(all) == 0 || m.InAmbient(w) != mesh.Yes {
					continue
				}
				looked++
				if by := keptOut(w, all, policies[w.Namespace()], source); by != nil {
					kept[by] = append(kept[by], w.String())
				}
			}
			for policy, names := range kept {
				p.Reportf(snapshot.Place(policy, "spec.podSelector"), "the probes of %s come from %s, which no NetworkPolicy lets in; allow ingress from %s/32", rule.Some(names), source, source)
			}
			p.Lookedf("%s of ambient mode with probes and a NetworkPolicy", finding.Count(looked, "workload"))
		},
	}
}

// sourceOf is where probes come from.
func sourceOf(p *rule.Pass) netip.Addr {
	out := netip.MustParseAddr(probeSource)
	for _, c := range p.Configs {
		for _, e := range c.Env() {
			if e.Name == "HOST_PROBE_SNAT_IP" && e.Value != nil {
				if told, err := netip.ParseAddr(e.Value.Text); err == nil {
					out = told
				}
			}
		}
	}
	return out
}

// isolating is a policy that denies ingress to what it does not allow.
type isolating struct {
	*networkingv1.NetworkPolicy
	selects labels.Selector
}

// ingressPolicies are those about ingress, by namespace.
func ingressPolicies(p *rule.Pass) map[string][]isolating {
	out := map[string][]isolating{}
	for _, policy := range p.NetworkPolicies {
		types := policy.Spec.PolicyTypes
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil || len(types) > 0 && !slices.Contains(types, networkingv1.PolicyTypeIngress) {
			continue
		}
		out[policy.Namespace] = append(out[policy.Namespace], isolating{policy, selector})
	}
	return out
}

// keptOut is a policy that isolates a workload while none of all lets the probes
// through; nil if they pass.
func keptOut(w *mesh.Workload, all []probe, policies []isolating, source netip.Addr) *networkingv1.NetworkPolicy {
	var by *networkingv1.NetworkPolicy
	open := map[string]bool{}
	for _, policy := range policies {
		if !policy.selects.Matches(labels.Set(w.Labels)) {
			continue
		}
		if by == nil {
			by = policy.NetworkPolicy
		}
		for _, r := range policy.Spec.Ingress {
			for _, probe := range all {
				open[probe.path()] = open[probe.path()] || fromAllowed(r, source) && toAllowed(r, probe)
			}
		}
	}
	if by == nil || !slices.ContainsFunc(all, func(p probe) bool { return !open[p.path()] }) {
		return nil
	}
	return by
}

// fromAllowed says whether a rule lets an address in.
func fromAllowed(r networkingv1.NetworkPolicyIngressRule, source netip.Addr) bool {
	return len(r.From) == 0 || slices.ContainsFunc(r.From, func(peer networkingv1.NetworkPolicyPeer) bool {
		if peer.IPBlock == nil {
			return false
		}
		within := func(cidr string) bool {
			prefix, err := netip.ParsePrefix(cidr)
			return err == nil && prefix.Contains(source)
		}
		return within(peer.IPBlock.CIDR) && !slices.ContainsFunc(peer.IPBlock.Except, within)
	})
}

// toAllowed says whether a rule is about the port of a probe.
func toAllowed(r networkingv1.NetworkPolicyIngressRule, p probe) bool {
	number, known := p.number()
	return len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(port networkingv1.NetworkPolicyPort) bool {
		switch {
		case port.Protocol != nil && *port.Protocol != corev1.ProtocolTCP:
			return false
		case port.Port == nil || !known:
			return true
		case port.Port.Type == intstr.String:
			return slices.ContainsFunc(p.container.Ports, func(c corev1.ContainerPort) bool {
				return c.Name == port.Port.StrVal && c.ContainerPort == number
			})
		case port.EndPort != nil:
			return port.Port.IntVal <= number && number <= *port.EndPort
		}
		return port.Port.IntVal == number
	})
}
