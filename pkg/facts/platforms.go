package facts

import "slices"

// PlatformFacts is what is known about one Kubernetes distribution.
type PlatformFacts struct {
	ID, Name string
	// Value is what global.platform must be set to; "" where the charts
	// have no settings for the platform. Since is the first minor whose
	// charts know the value.
	Value string
	Since Minor
	// CNIBinDir and CNIConfDir are the folders in which the nodes keep CNI
	// plugins and their configuration.
	CNIBinDir, CNIConfDir string
	// OtherBinDir is a second folder that is right too, "" for none.
	OtherBinDir string
}

// The folders of the upstream CNI plugins, and the charts' defaults.
const (
	DefaultCNIBinDir  = "/opt/cni/bin"
	DefaultCNIConfDir = "/etc/cni/net.d"
)

// Platforms lists the platforms in the order in which they are detected.
// Sources: the charts' platform profiles, istio.io's platform prerequisites
// for ambient mode, and the vendors' documentation.
func Platforms() []PlatformFacts {
	k3sConf := "/var/lib/rancher/k3s/agent/etc/cni/net.d"
	plain := func(id, name string) PlatformFacts {
		return PlatformFacts{ID: id, Name: name, CNIBinDir: DefaultCNIBinDir, CNIConfDir: DefaultCNIConfDir}
	}
	return []PlatformFacts{
		{"openshift", "Red Hat OpenShift", "openshift", k(24), "/var/lib/cni/bin", "/etc/cni/multus/net.d", ""},
		{"k3d", "k3d", "k3d", k(24), "/bin", k3sConf, ""},
		plain("rke2", "Rancher RKE2"),
		{"k3s", "K3s", "k3s", k(24), "/var/lib/rancher/k3s/data/cni", k3sConf, "/var/lib/rancher/k3s/data/current/bin"},
		{"microk8s", "MicroK8s", "microk8s", k(24), "/var/snap/microk8s/current/opt/cni/bin", "/var/snap/microk8s/current/args/cni-network", ""},
		{"minikube", "minikube", "minikube", k(24), DefaultCNIBinDir, DefaultCNIConfDir, ""},
		plain("kind", "kind"),
		plain("docker-desktop", "Docker Desktop"),
		{"gke", "Google Kubernetes Engine", "gke", k(25), "/home/kubernetes/bin", DefaultCNIConfDir, ""},
		plain("eks", "Amazon EKS"),
		plain("aks", "Azure Kubernetes Service"),
		plain("oke", "Oracle Kubernetes Engine"),
		plain("alibaba", "Alibaba Cloud ACK"),
		plain("ibm", "IBM Cloud Kubernetes Service"),
		plain("huawei", "Huawei Cloud CCE"),
		plain("talos", "Talos Linux"),
		plain("kops", "kOps"),
	}
}

// PlatformOf looks up a platform by its ID.
func PlatformOf(id string) (PlatformFacts, bool) {
	for _, p := range Platforms() {
		if p.ID == id {
			return p, true
		}
	}
	return PlatformFacts{}, false
}

// PlatformIDs lists the IDs of Platforms.
func PlatformIDs() []string {
	var ids []string
	for _, p := range Platforms() {
		ids = append(ids, p.ID)
	}
	return ids
}

// BalancesNothing says whether a platform leaves Services of type LoadBalancer
// alone until something is added that serves them. Sources: istio.io's pages
// about kind and minikube, the vendors' documentation.
func BalancesNothing(platform string) bool {
	return slices.Contains([]string{"kind", "minikube", "microk8s", "rke2", "talos"}, platform)
}

// AzureMesh is the namespace in which AKS runs the Istio that it manages.
const AzureMesh = "aks-istio-system"
