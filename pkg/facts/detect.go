package facts

import (
	"fmt"
	"slices"
	"strings"
)

// Evidence is what a cluster says about itself.
type Evidence struct {
	// Version is the API server's gitVersion, such as v1.36.3-eks-1234567.
	Version string
	// APIGroups are the names of the API groups it serves.
	APIGroups []string
	Nodes     []NodeFacts
}

// NodeFacts are the parts of a Node that tell platforms apart.
type NodeFacts struct {
	Name, ProviderID, OSImage, KubeletVersion string
	Labels, Annotations                       map[string]string
}

// sign is one thing that a platform is recognised by. It returns the words
// that say what was seen, "" where it was not.
type sign func(Evidence) string

// DetectPlatform names the platform of a cluster and what gave it away; ""
// where none is recognised. More telling signs come first: OpenShift runs on
// every cloud, k3d is k3s in containers, and a cloud's own service has to be
// told from a cluster built by hand on its machines.
func DetectPlatform(e Evidence) (id, why string) {
	for _, p := range signs() {
		for _, see := range p.signs {
			if why := see(e); why != "" {
				return p.id, why
			}
		}
	}
	return "", ""
}

type platformSigns struct {
	id    string
	signs []sign
}

func signs() []platformSigns {
	return []platformSigns{
		{"openshift", []sign{group("operator.openshift.io"), group("apps.openshift.io"), group("route.openshift.io")}},
		{"k3d", []sign{provider("k3s://k3d-"), nodeName("k3d-")}},
		{"rke2", []sign{version("+rke2r"), annotation("rke2.io/node-args")}},
		{"k3s", []sign{version("+k3s"), instanceType("k3s"), provider("k3s://")}},
		{"microk8s", []sign{labelValue("microk8s.io/cluster", "true")}},
		{"minikube", []sign{label("minikube.k8s.io/version")}},
		{"kind", []sign{provider("kind://")}},
		{"docker-desktop", []sign{osImage("Docker Desktop"), exactName("docker-desktop")}},
		{"gke", []sign{version("-gke."), label("cloud.google.com/gke-nodepool"), label("cloud.google.com/gke-os-distribution")}},
		{"eks", []sign{version("-eks-"), label("eks.amazonaws.com/nodegroup"), label("eks.amazonaws.com/compute-type")}},
		{"aks", []sign{label("kubernetes.azure.com/cluster"), label("kubernetes.azure.com/role"), label("kubernetes.azure.com/mode")}},
		{"oke", []sign{label("oci.oraclecloud.com/fault-domain")}},
		{"alibaba", []sign{version("-aliyun.")}},
		{"ibm", []sign{version("+IKS"), provider("ibm:")}},
		{"huawei", []sign{version("-CCE")}},
		{"talos", []sign{osImage("Talos (v"), annotation("talos.dev/owned-annotations"), annotation("extensions.talos.dev/schematic")}},
		{"kops", []sign{label("kops.k8s.io/instancegroup")}},
	}
}

func group(name string) sign {
	return func(e Evidence) string {
		if slices.Contains(e.APIGroups, name) {
			return "API group " + name
		}
		return ""
	}
}

func version(part string) sign {
	return func(e Evidence) string {
		if strings.Contains(e.Version, part) {
			return "server version " + e.Version
		}
		return onNode(func(n NodeFacts) string {
			if strings.Contains(n.KubeletVersion, part) {
				return "kubelet version " + n.KubeletVersion
			}
			return ""
		})(e)
	}
}

// onNode looks for the first node with a sign and names it.
func onNode(see func(NodeFacts) string) sign {
	return func(e Evidence) string {
		for _, n := range e.Nodes {
			if what := see(n); what != "" {
				return fmt.Sprintf("%s of node %s", what, n.Name)
			}
		}
		return ""
	}
}

func provider(prefix string) sign {
	return onNode(func(n NodeFacts) string {
		return when(strings.HasPrefix(n.ProviderID, prefix), "provider ID "+n.ProviderID)
	})
}

func nodeName(prefix string) sign {
	return onNode(func(n NodeFacts) string { return when(strings.HasPrefix(n.Name, prefix), "the name") })
}

func exactName(name string) sign {
	return onNode(func(n NodeFacts) string { return when(n.Name == name, "the name") })
}

func osImage(prefix string) sign {
	return onNode(func(n NodeFacts) string { return when(strings.HasPrefix(n.OSImage, prefix), "OS image "+n.OSImage) })
}

func label(key string) sign {
	return onNode(func(n NodeFacts) string { _, ok := n.Labels[key]; return when(ok, "label "+key) })
}

func labelValue(key, value string) sign {
	return onNode(func(n NodeFacts) string { return when(n.Labels[key] == value, "label "+key+"="+value) })
}

func instanceType(value string) sign {
	return onNode(func(n NodeFacts) string {
		const key = "node.kubernetes.io/instance-type"
		return when(n.Labels[key] == value || n.Labels["beta."+strings.TrimPrefix(key, "node.")] == value, "label "+key+"="+value)
	})
}

func annotation(key string) sign {
	return onNode(func(n NodeFacts) string { _, ok := n.Annotations[key]; return when(ok, "annotation "+key) })
}

func when(seen bool, what string) string {
	if seen {
		return what
	}
	return ""
}
