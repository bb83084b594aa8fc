package facts

import "testing"

func node(n NodeFacts) []NodeFacts { return []NodeFacts{n} }

// evidences are what real clusters of each platform show.
func evidences() map[string]Evidence {
	return map[string]Evidence{
		"openshift":      {Version: "v1.33.4", APIGroups: []string{"apps", "config.openshift.io", "route.openshift.io", "operator.openshift.io"}, Nodes: node(NodeFacts{Name: "ip-10-0-1-2", ProviderID: "aws:///eu-west-1a/i-0abc", OSImage: "Red Hat Enterprise Linux CoreOS 9.6"})},
		"k3d":            {Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "k3d-dev-server-0", KubeletVersion: "v1.33.4+k3s1", ProviderID: "k3s://k3d-dev-server-0", Labels: map[string]string{"node.kubernetes.io/instance-type": "k3s"}})},
		"rke2":           {Version: "v1.33.4+rke2r1", Nodes: node(NodeFacts{Name: "n1", ProviderID: "rke2://n1", Annotations: map[string]string{"rke2.io/node-args": "[]"}})},
		"k3s":            {Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "pi", ProviderID: "k3s://pi", Labels: map[string]string{"node.kubernetes.io/instance-type": "k3s"}})},
		"microk8s":       {Version: "v1.33.2", Nodes: node(NodeFacts{Name: "box", Labels: map[string]string{"microk8s.io/cluster": "true"}})},
		"minikube":       {Version: "v1.34.0", Nodes: node(NodeFacts{Name: "minikube", Labels: map[string]string{"minikube.k8s.io/version": "v1.37.0"}})},
		"kind":           {Version: "v1.34.0", Nodes: node(NodeFacts{Name: "kind-control-plane", ProviderID: "kind://docker/kind/kind-control-plane"})},
		"docker-desktop": {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "docker-desktop", OSImage: "Docker Desktop"})},
		"gke":            {Version: "v1.33.5-gke.1080000", Nodes: node(NodeFacts{Name: "gke-prod-pool-1", ProviderID: "gce://p/z/gke-prod-pool-1"})},
		"eks":            {Version: "v1.33.5-eks-113cf36", Nodes: node(NodeFacts{Name: "ip-10-0-0-1.ec2.internal", ProviderID: "aws:///us-east-1a/i-0123"})},
		"aks":            {Version: "v1.33.5", Nodes: node(NodeFacts{Name: "aks-pool-1-vmss000000", ProviderID: "azure:///subscriptions/0/x", Labels: map[string]string{"kubernetes.azure.com/cluster": "MC_a_b_c"}})},
		"oke":            {Version: "v1.33.1", Nodes: node(NodeFacts{Name: "10.0.10.2", ProviderID: "ocid1.instance.oc1.x", Labels: map[string]string{"oci.oraclecloud.com/fault-domain": "FAULT-DOMAIN-1"}})},
		"alibaba":        {Version: "v1.32.7-aliyun.1", Nodes: node(NodeFacts{Name: "cn-hangzhou.192.168.0.1", ProviderID: "cn-hangzhou.i-bp1"})},
		"ibm":            {Version: "v1.32.9+IKS", Nodes: node(NodeFacts{Name: "10.1.2.3", ProviderID: "ibm://x///y/z"})},
		"huawei":         {Version: "v1.31.6-r0-CCE31.0.12.2", Nodes: node(NodeFacts{Name: "192.168.0.7"})},
		"talos":          {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "talos-abc", OSImage: "Talos (v1.11.3)"})},
		"kops":           {Version: "v1.33.5", Nodes: node(NodeFacts{Name: "i-0abc", ProviderID: "aws:///eu-west-1a/i-0abc", Labels: map[string]string{"kops.k8s.io/instancegroup": "nodes"}})},
	}
}

func TestDetectPlatform(t *testing.T) {
	cases := evidences()
	for _, p := range Platforms() {
		e, ok := cases[p.ID]
		if !ok {
			t.Errorf("no evidence for %s", p.ID)
			continue
		}
		if id, why := DetectPlatform(e); id != p.ID || why == "" {
			t.Errorf("%s detected as %q because of %q", p.ID, id, why)
		}
	}
}

// TestNearMisses holds clusters that look like a platform and are not one.
func TestNearMisses(t *testing.T) {
	for name, e := range map[string]Evidence{
		"empty":                 {},
		"kubeadm on EC2":        {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "ip-10-0-0-1", ProviderID: "aws:///us-east-1a/i-0123", OSImage: "Ubuntu 24.04"})},
		"kubeadm on GCE":        {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "gke", ProviderID: "gce://p/z/n"})},
		"kubeadm on Azure":      {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "aks", ProviderID: "azure:///subscriptions/0/x"})},
		"a node called k3s":     {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "k3s-1"})},
		"microk8s off":          {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "n", Labels: map[string]string{"microk8s.io/cluster": "false"}})},
		"EKS Anywhere":          {Version: "v1.29.1-eks-1-29-6", Nodes: node(NodeFacts{Name: "cp", ProviderID: "vsphere://42", KubeletVersion: "v1.29.1-eks-1-29-6"})},
		"EKS-D on EC2":          {Version: "v1.29.1-eks-1-29-6", Nodes: node(NodeFacts{Name: "cp", ProviderID: "aws:///a/i-1", KubeletVersion: "v1.29.1-eks-1-29-6"})},
		"Google's on VMware":    {Version: "v1.29.1-gke.600", Nodes: node(NodeFacts{Name: "n", ProviderID: "vsphere://42", KubeletVersion: "v1.29.1-gke.600"})},
		"AKS on Azure Local":    {Version: "v1.29.4", Nodes: node(NodeFacts{Name: "moc-1", ProviderID: "moc://moc-1", Labels: map[string]string{"kubernetes.azure.com/mode": "system"}})},
		"vcluster":              {Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "n", KubeletVersion: "v1.33.4+k3s1", Labels: map[string]string{"vcluster.loft.sh/fake-node": "true"}})},
		"vcluster, real nodes":  {Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "n", KubeletVersion: "v1.33.4"})},
		"a host called k3d-1":   {Version: "v1.34.1", Nodes: node(NodeFacts{Name: "k3d-1", KubeletVersion: "v1.34.1"})},
		"one odd node of three": {Version: "v1.34.1", Nodes: []NodeFacts{{Name: "a"}, {Name: "b"}, {Name: "c", Labels: map[string]string{"microk8s.io/cluster": "true"}}}},
		"routes to try things":  {Version: "v1.34.1", APIGroups: []string{"route.openshift.io", "security.openshift.io"}},
		"a group of OpenShift?": {Version: "v1.34.1", APIGroups: []string{"openshift.example.com", "k3s.cattle.io"}},
	} {
		if id, why := DetectPlatform(e); id != "" {
			t.Errorf("%s detected as %s because of %s", name, id, why)
		}
	}
}

// TestCombined holds clusters on which several platforms meet, or that have
// nodes of several kinds.
func TestCombined(t *testing.T) {
	label := func(key, value string) map[string]string { return map[string]string{key: value} }
	for name, c := range map[string]struct {
		want string
		Evidence
	}{
		"Talos by kOps' cloud":       {"talos", Evidence{Version: "v1.34.1", Nodes: node(NodeFacts{Name: "n", ProviderID: "aws:///a/i-1", OSImage: "Talos (v1.11.3)"})}},
		"kOps on Google Cloud":       {"kops", Evidence{Version: "v1.33.5", Nodes: node(NodeFacts{Name: "n", ProviderID: "gce://p/z/n", Labels: label("kops.k8s.io/instancegroup", "nodes")})}},
		"OpenShift on Azure":         {"openshift", Evidence{Version: "v1.33.4", APIGroups: []string{"config.openshift.io", "operator.openshift.io"}, Nodes: node(NodeFacts{Name: "n", ProviderID: "azure:///subscriptions/0/x"})}},
		"k3s on EC2":                 {"k3s", Evidence{Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "n", ProviderID: "aws:///a/i-1", KubeletVersion: "v1.33.4+k3s1"})}},
		"rke2 on vSphere":            {"rke2", Evidence{Version: "v1.33.4+rke2r1", Nodes: node(NodeFacts{Name: "n", ProviderID: "vsphere://42", KubeletVersion: "v1.33.4+rke2r1"})}},
		"k3d without its controller": {"k3d", Evidence{Version: "v1.33.4+k3s1", Nodes: node(NodeFacts{Name: "k3d-dev-server-0", KubeletVersion: "v1.33.4+k3s1"})}},
		"k3s, nodes not to be seen":  {"k3s", Evidence{Version: "v1.33.4+k3s1"}},
		"AKS with Cilium":            {"aks", Evidence{Version: "v1.33.4", Nodes: node(NodeFacts{Name: "n", ProviderID: "azure:///subscriptions/0/x", Labels: map[string]string{"kubernetes.azure.com/mode": "user", "kubernetes.azure.com/ebpf-dataplane": "cilium"}})}},
		"AKS with a virtual node": {"aks", Evidence{Version: "v1.33.4", Nodes: []NodeFacts{
			{Name: "virtual-node-aci-linux", Labels: label("type", "virtual-kubelet")}, {Name: "virtual-node-2", Labels: label("type", "virtual-kubelet")},
			{Name: "aks-1", ProviderID: "azure:///subscriptions/0/x", Labels: label("kubernetes.azure.com/mode", "system")},
		}}},
		"EKS on Fargate alone":   {"eks", Evidence{Version: "v1.33.5-eks-113cf36", Nodes: node(NodeFacts{Name: "fargate-ip-10-0-0-1", Labels: label("eks.amazonaws.com/compute-type", "fargate")})}},
		"EKS with hybrid nodes":  {"eks", Evidence{Version: "v1.33.5-eks-113cf36", Nodes: node(NodeFacts{Name: "mi-1", ProviderID: "eks-hybrid:///eu-west-1/shop/mi-1"})}},
		"EKS without a node yet": {"eks", Evidence{Version: "v1.33.5-eks-113cf36"}},
	} {
		if id, why := DetectPlatform(c.Evidence); id != c.want {
			t.Errorf("%s: detected %q because of %q, want %s", name, id, why, c.want)
		}
	}
}

// TestPlatformValues wants every value of a platform in the charts' list, and
// the other way round.
func TestPlatformValues(t *testing.T) {
	known := map[string]bool{}
	for _, p := range Platforms() {
		if p.Value == "" {
			continue
		}
		known[p.Value] = true
		if first, _, ok := Bundled("cni", Platform, p.Value); !ok || first != p.Since {
			t.Errorf("%s: value %s since %s, the charts have it since %s", p.ID, p.Value, p.Since, first)
		}
	}
	for _, name := range Names("cni", Platform, Embedded()) {
		if !known[name] {
			t.Errorf("no platform has the value %s", name)
		}
	}
}
