package facts

import (
	"regexp"
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

// platformSigns are what a platform is recognised by: any one of the signs,
// unless the machines are others than the platform has.
type platformSigns struct {
	id string
	// machines are the prefixes of the provider IDs that its nodes have; nil
	// where they may have any.
	machines []string
	signs    []sign
}

// DetectPlatform names the platform of a cluster and what gave it away; ""
// where none is recognised. More telling signs come first: OpenShift runs on
// every cloud, k3d is k3s in containers, and a cloud's own service has to be
// told from a cluster built by hand on its machines. Talos and kOps are named
// where nothing above them is. A sign on nodes counts where at least half of
// the machines carry it, because one odd node does not make a platform.
func DetectPlatform(e Evidence) (id, why string) {
	machines := slices.DeleteFunc(slices.Clone(e.Nodes), NodeFacts.Virtual)
	if len(machines) == 0 && slices.ContainsFunc(e.Nodes, NodeFacts.fake) {
		return "", "" // a virtual cluster, whose machines are not seen
	}
	e.Nodes = machines
	for _, p := range signs() {
		if foreign(e.Nodes, p.machines) {
			continue
		}
		for _, see := range p.signs {
			if why := see(e); why != "" {
				return p.id, why
			}
		}
	}
	return "", ""
}

// signs are in the order of detection. The sources are the vendors' own nodes
// as they print them, and what other tools that tell platforms apart go by.
func signs() []platformSigns {
	return []platformSigns{
		{"openshift", nil, []sign{groups("operator.openshift.io", "config.openshift.io")}},
		{"k3d", nil, []sign{provider("k3s://k3d-"), both(kubelet("+k3s"), nodeName("k3d-"))}},
		{"rke2", nil, []sign{distribution("+rke2r"), annotation("rke2.io/node-args")}},
		{"k3s", nil, []sign{distribution("+k3s"), instanceType("k3s"), provider("k3s://")}},
		{"microk8s", nil, []sign{labelValue("microk8s.io/cluster", "true")}},
		{"minikube", nil, []sign{label("minikube.k8s.io/version")}},
		{"kind", nil, []sign{provider("kind://")}},
		{"docker-desktop", nil, []sign{osImage("Docker Desktop"), exactName("docker-desktop")}},
		{"gke", []string{"gce://"}, []sign{version("-gke."), label("cloud.google.com/gke-nodepool"), label("cloud.google.com/gke-os-distribution")}},
		{"eks", []string{"aws:///", "eks-hybrid://"}, []sign{amazon, label("eks.amazonaws.com/nodegroup"), label("eks.amazonaws.com/compute-type")}},
		{"aks", []string{"azure://"}, []sign{label("kubernetes.azure.com/cluster"), label("kubernetes.azure.com/role"), label("kubernetes.azure.com/mode")}},
		{"oke", []string{"ocid1.", "oci://"}, []sign{label("oci.oraclecloud.com/fault-domain")}},
		{"alibaba", nil, []sign{version("-aliyun.")}},
		{"ibm", []string{"ibm:"}, []sign{version("+IKS"), provider("ibm:")}},
		{"huawei", nil, []sign{version("-CCE")}},
		{"talos", nil, []sign{osImage("Talos (v"), annotation("talos.dev/owned-annotations"), annotation("extensions.talos.dev/schematic")}},
		{"kops", nil, []sign{label("kops.k8s.io/instancegroup")}},
	}
}

// foreign says whether most machines that have a provider ID have another
// one than the platform's: a hosted service's version on machines elsewhere is
// its distribution for data centres, which has other needs.
func foreign(nodes []NodeFacts, machines []string) bool {
	own, others := 0, 0
	for _, n := range nodes {
		switch {
		case n.ProviderID == "" || len(machines) == 0:
		case slices.ContainsFunc(machines, func(prefix string) bool { return strings.HasPrefix(n.ProviderID, prefix) }):
			own++
		default:
			others++
		}
	}
	return others > own
}

// hosted matches the version of Amazon's service; that of its distribution,
// EKS-D, ends in numbers, as v1.29.1-eks-1-29-6 does.
var hosted = regexp.MustCompile(`-eks-[0-9a-f]{7}`)

func amazon(e Evidence) string { return versionLike(e, hosted.MatchString) }

// version looks at the server and, where its version says nothing, at the
// kubelets.
func version(part string) sign {
	return func(e Evidence) string {
		return versionLike(e, func(v string) bool { return strings.Contains(v, part) })
	}
}

func versionLike(e Evidence, matches func(string) bool) string {
	if matches(e.Version) {
		return "server version " + e.Version
	}
	return most(func(n NodeFacts) string { return when(matches(n.KubeletVersion), "kubelet version "+n.KubeletVersion) })(e)
}

// distribution wants the kubelets to agree with the server where there are
// any: the server of a virtual cluster is k3s on machines that are none.
func distribution(part string) sign {
	return func(e Evidence) string {
		if strings.Contains(e.Version, part) && len(e.Nodes) == 0 {
			return "server version " + e.Version
		}
		return kubelet(part)(e)
	}
}
