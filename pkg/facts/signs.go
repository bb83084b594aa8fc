package facts

import (
	"fmt"
	"slices"
	"strings"
)

// Virtual says that a node is no machine, or one whose pods run elsewhere:
// agents cannot run there, and what it says of itself tells no platform.
func (n NodeFacts) Virtual() bool {
	_, oracle := n.Labels["node-role.kubernetes.io/virtual-node"]
	return oracle || n.Labels["type"] == "virtual-kubelet" || n.fake() || n.Fargate()
}

// fake says that a virtual cluster stands this node in for the real one.
func (n NodeFacts) fake() bool { return n.Labels["vcluster.loft.sh/fake-node"] == "true" }

// Fargate says that a node is Amazon's, made for one pod.
func (n NodeFacts) Fargate() bool { return n.Labels["eks.amazonaws.com/compute-type"] == "fargate" }

// groups wants all of some API groups, because single ones are installed
// elsewhere too, to try software that expects them.
func groups(names ...string) sign {
	return func(e Evidence) string {
		for _, name := range names {
			if !slices.Contains(e.APIGroups, name) {
				return ""
			}
		}
		return "API groups " + strings.Join(names, " and ")
	}
}

func both(a, b sign) sign {
	return func(e Evidence) string {
		if first, second := a(e), b(e); first != "" && second != "" {
			return first + " and " + second
		}
		return ""
	}
}

// most looks for a sign on at least half of the nodes, and names the first.
func most(see func(NodeFacts) string) sign {
	return func(e Evidence) string {
		first, count := "", 0
		for _, n := range e.Nodes {
			if what := see(n); what != "" {
				count++
				if first == "" {
					first = fmt.Sprintf("%s of node %s", what, n.Name)
				}
			}
		}
		return when(2*count >= len(e.Nodes), first)
	}
}

func kubelet(part string) sign {
	return most(func(n NodeFacts) string {
		return when(strings.Contains(n.KubeletVersion, part), "kubelet version "+n.KubeletVersion)
	})
}

func provider(prefix string) sign {
	return most(func(n NodeFacts) string {
		return when(strings.HasPrefix(n.ProviderID, prefix), "provider ID "+n.ProviderID)
	})
}

func nodeName(prefix string) sign {
	return most(func(n NodeFacts) string { return when(strings.HasPrefix(n.Name, prefix), "the name") })
}

func exactName(name string) sign {
	return most(func(n NodeFacts) string { return when(n.Name == name, "the name") })
}

func osImage(prefix string) sign {
	return most(func(n NodeFacts) string { return when(strings.HasPrefix(n.OSImage, prefix), "OS image "+n.OSImage) })
}

func label(key string) sign {
	return most(func(n NodeFacts) string { _, ok := n.Labels[key]; return when(ok, "label "+key) })
}

func labelValue(key, value string) sign {
	return most(func(n NodeFacts) string { return when(n.Labels[key] == value, "label "+key+"="+value) })
}

func instanceType(value string) sign {
	return most(func(n NodeFacts) string {
		const key = "node.kubernetes.io/instance-type"
		return when(n.Labels[key] == value || n.Labels["beta."+strings.TrimPrefix(key, "node.")] == value, "label "+key+"="+value)
	})
}

func annotation(key string) sign {
	return most(func(n NodeFacts) string { _, ok := n.Annotations[key]; return when(ok, "annotation "+key) })
}

func when(seen bool, what string) string {
	if seen {
		return what
	}
	return ""
}
