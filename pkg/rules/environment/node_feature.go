package environment

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func nodeFeature() *rule.Rule {
	return &rule.Rule{
		ID: "PRE016", Name: "node-feature", Category: "Nodes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Nodes, snapshot.ServerVersion},
		Summary: "Nodes lack what the pods to be installed, or the settings, ask of them: architecture, operating system, kernel or kubelet.",
		Why:     "Pods on such a node do not start, or traffic there is not taken into the mesh.",
		Fix:     "Keep the pods off such nodes with a node selector, or upgrade or replace the nodes.",
		Hints:   []string{"S1", "S5"},
		Run: func(p *rule.Pass) {
			all := workloads(p)
			for _, w := range all {
				foreignNodes(p, w)
			}
			kernels(p, all)
			kubelets(p)
			nativeSidecars(p, all)
			p.Lookedf("%s: architecture, operating system, kernel and kubelet", finding.Count(len(p.Nodes), "node"))
		},
	}
}

// foreignNodes reports nodes that take a workload's pods and cannot run Istio's
// images, which are made for Linux on amd64 and arm64. Other registries may
// hold other builds.
func foreignNodes(p *rule.Pass, w *workload) {
	if !officialImages(w) {
		return
	}
	takers := homes(w, p.Nodes)
	os, arch := group{}, group{}
	for _, n := range takers {
		info := n.Status.NodeInfo
		if system := cmp.Or(info.OperatingSystem, n.Labels[corev1.LabelOSStable]); system != "" && system != "linux" {
			os.add(system, n)
		} else if a := cmp.Or(info.Architecture, n.Labels[corev1.LabelArchStable]); a != "" && a != "amd64" && a != "arm64" {
			arch.add(a, n)
		}
	}
	for _, found := range []struct {
		group
		what, selector string
	}{{os, "operating system", corev1.LabelOSStable + ": linux"}, {arch, "architecture", corev1.LabelArchStable + ": amd64"}} {
		for _, value := range found.sorted() {
			f := p.Reportf(w.key, "its pods may go to %s of %s %s (%s), for which Istio has no image; set nodeSelector %s",
				finding.Count(len(found.group[value]), "node"), found.what, value, named(found.group[value]), found.selector)
			if !w.isDaemonSet() && len(found.group[value]) < len(takers) {
				f.Severity = finding.Warning // the scheduler may choose well
			}
		}
	}
}

// officialImages says whether all images are Istio's own.
func officialImages(w *workload) bool {
	for _, c := range w.pod.Spec.Containers {
		official := c.Image == "auto"
		for _, hub := range []string{"docker.io/istio/", "istio/", "gcr.io/istio-release/", "registry.istio.io/release/", "ghcr.io/istio/"} {
			official = official || strings.HasPrefix(c.Image, hub)
		}
		if !official {
			return false
		}
	}
	return true
}

// kernels reports Linux nodes that are too old for how traffic is taken: the
// nft tool that Istio's nftables mode uses needs 5.13 (istio.io, platform
// requirements). iptables has no such limit, but nobody supports ambient on the
// 3.10 of RHEL 7, where its rules fail (istio/istio#51030).
func kernels(p *rule.Pass, all []*workload) {
	nft := false
	for _, c := range p.Configs {
		nft = nft || c.EffectiveValues().IsTrue("global", "nativeNftables")
	}
	for _, w := range all {
		switch {
		case !w.isDaemonSet():
		case nft && w.pod.Spec.Containers[0].Name == "install-cni":
			oldKernels(p, w, "5.13.0", "global.nativeNftables needs 5.13; leave it out, or upgrade the nodes")
		case w.pod.Labels["app"] == "ztunnel":
			oldKernels(p, w, "4.0.0", "ambient mode is known to fail there; upgrade the nodes")
		}
	}
}

func oldKernels(p *rule.Pass, w *workload, least, why string) {
	old := group{}
	for _, n := range homes(w, p.Nodes) {
		if n.Status.NodeInfo.KernelVersion != "" && before(n.Status.NodeInfo.KernelVersion, least) {
			old.add(n.Status.NodeInfo.KernelVersion, n)
		}
	}
	for i, version := range old.sorted() {
		if i == 3 { // the same cause again and again
			return
		}
		p.Reportf(w.key, "kernel %s runs on %s (%s), and %s", version, finding.Count(len(old[version]), "node"), named(old[version]), why)
	}
}

// before compares the numbers with which versions of kernels begin.
func before(version, least string) bool {
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end > 0 {
		version = version[:end]
	}
	have, err := semver.NewVersion(strings.TrimSuffix(version, "."))
	if err != nil {
		return false
	}
	want, err := semver.NewVersion(least)
	return err == nil && have.LessThan(want)
}

// kubelets reports nodes out of Kubernetes' version skew policy: no newer than
// the API server, and at most three minors older.
func kubelets(p *rule.Pass) {
	server, err := facts.ParseMinor(p.Target.Kubernetes)
	if err != nil {
		p.Undecidedf("the version of the API server, %q, cannot be read", p.Target.Kubernetes)
		return
	}
	off := group{}
	for _, n := range p.Nodes {
		kubelet, err := facts.ParseMinor(n.Status.NodeInfo.KubeletVersion)
		if err == nil && !standsIn(n) && (server.Before(kubelet) || kubelet.Minor < server.Minor-3) {
			off.add(kubelet.String(), n)
		}
	}
	for _, version := range off.sorted() {
		f := p.Reportf(finding.Location{Object: "Node/" + off[version][0], Path: "status.nodeInfo.kubeletVersion"}, "kubelet %s on %s does not go with API server %s: it may be up to three minors older, and no newer; upgrade one of them",
			version, finding.Count(len(off[version]), "node"), server)
		f.Severity = finding.Warning
	}
}

// standsIn says whether a node is a program's that only speaks as a kubelet
// does, such as AKS' virtual nodes: its version is its own. Fargate runs
// kubelets.
func standsIn(n *corev1.Node) bool {
	f := facts.NodeFacts{Labels: n.Labels}
	return f.Virtual() && !f.Fargate()
}

// nativeSidecars compares the kubelets with how istiod is to inject. Left to
// itself, istiod uses native sidecars where every node is 1.33 or newer
// (DetectNativeSidecar of its injector); told to, it does so whatever the nodes
// are, and a kubelet before 1.29 takes such a sidecar for an init container that
// never ends.
func nativeSidecars(p *rule.Pass, all []*workload) {
	mode := ""
	for _, w := range all {
		for _, c := range w.pod.Spec.Containers {
			for _, e := range c.Env {
				if c.Name == "discovery" && e.Name == "ENABLE_NATIVE_SIDECARS" {
					mode = e.Value
				}
			}
		}
	}
	old, stable := group{}, 0
	for _, n := range p.Nodes {
		kubelet, err := facts.ParseMinor(n.Status.NodeInfo.KubeletVersion)
		switch {
		case err != nil || n.Status.NodeInfo.OperatingSystem == "windows":
		case mode == "true" && kubelet.Minor < 29:
			old.add("", n)
		case mode != "true" && kubelet.Minor < 33:
			old.add("", n)
		default:
			stable++
		}
	}
	at := finding.Location{Object: "Node"}
	switch {
	case len(old) == 0 || mode == "false":
	case mode == "true":
		at.Object += "/" + old[""][0]
		p.Reportf(at, "ENABLE_NATIVE_SIDECARS is true, and kubelets older than 1.29 do not know native sidecars: injected pods never start on %s", named(old[""]))
	case stable > 0:
		at.Object += "/" + old[""][0]
		f := p.Reportf(at, "%s with a kubelet older than 1.33 (%s): istiod uses native sidecars only once all nodes are 1.33 or newer, so that pods change their form when the last one is", finding.Count(len(old[""]), "node"), named(old[""]))
		f.Severity = finding.Info
	}
}

// group holds the names of nodes by what they have in common.
type group map[string][]string

func (g group) add(value string, n *corev1.Node) { g[value] = append(g[value], n.Name) }

func (g group) sorted() []string { return slices.Sorted(maps.Keys(g)) }
