package workloads

import (
	"slices"
	"strconv"
	"strings"

	"istio.io/api/annotation"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// injector is what the configurations say of sidecars.
type injector struct {
	// told says whether there is a configuration of istiod.
	told bool
	// cni says that the CNI plugin redirects traffic, not an init container.
	cni bool
	// keepsProbes says that probes are not rewritten unless a pod asks for it.
	keepsProbes bool
	// excludes says that some outbound addresses or ports are not redirected.
	excludes bool
	// native is ENABLE_NATIVE_SIDECARS: true, false or auto.
	native string
}

func injectorOf(p *rule.Pass) injector {
	in := injector{native: nativeDefault(p.Target.Istio)}
	for _, c := range p.Configs {
		v := c.EffectiveValues()
		in.cni = in.cni || v.IsTrue("pilot", "cni", "enabled") || c.ComponentEnabled("cni")
		if c.IsMesh() || !c.ComponentEnabled("pilot") {
			continue
		}
		in.told = true
		in.keepsProbes = in.keepsProbes || v.IsFalse("sidecarInjectorWebhook", "rewriteAppHTTPProbe")
		in.excludes = in.excludes || v.Str("global", "proxy", "excludeIPRanges") != "" || v.Str("global", "proxy", "excludeOutboundPorts") != ""
		in.native = nativeOf(c, in.native)
	}
	return in
}

const nativeVariable = "ENABLE_NATIVE_SIDECARS"

func nativeDefault(istio facts.Minor) string {
	if e, ok := facts.EnvVar(nativeVariable); ok {
		if value, known := e.Default(istio); known {
			return value
		}
	}
	return "false"
}

func nativeOf(c *snapshot.Config, otherwise string) string {
	for _, old := range []string{"1.24", "1.25", "1.26"} {
		if c.EffectiveValues().Str("compatibilityVersion") == old {
			otherwise = "false"
		}
	}
	for _, e := range c.Env() {
		if e.Name == nativeVariable && e.Program == facts.Istiod && e.Value != nil {
			otherwise = e.Value.Text
		}
	}
	return otherwise
}

// nativeKubernetes is the first minor whose kubelets run native sidecars
// without a feature gate.
const nativeKubernetes = 33

// nativeSidecar says whether a workload's proxy is an init container that
// stays, so that later init containers have it.
func nativeSidecar(p *rule.Pass, in injector, w *mesh.Workload) mesh.Answer {
	for _, c := range w.Spec.InitContainers {
		if c.Name == "istio-proxy" {
			return mesh.Yes
		}
	}
	if w.Injected() {
		return mesh.No
	}
	switch own := w.Annotations[annotation.SidecarNativeSidecar.Name]; {
	case own == "true", own != "false" && in.native == "true":
		return mesh.Yes
	case own == "false", in.native != "auto":
		return mesh.No
	}
	return kubeletsKnow(p)
}

// kubeletsKnow says whether all nodes run native sidecars, by their own versions
// or the cluster's.
func kubeletsKnow(p *rule.Pass) mesh.Answer {
	versions := []string{p.Target.Kubernetes}
	if len(p.Nodes) > 0 {
		versions = versions[:0]
		for _, n := range p.Nodes {
			versions = append(versions, n.Status.NodeInfo.KubeletVersion)
		}
	}
	out := mesh.Yes
	for _, v := range versions {
		minor, err := facts.ParseMinor(strings.TrimPrefix(v, "v"))
		switch {
		case err != nil:
			return mesh.Unknown
		case minor.Before(facts.Minor{Major: 1, Minor: nativeKubernetes}):
			out = mesh.No
		}
	}
	return out
}

// rewrites says whether the injector lets the agent answer a workload's probes.
func (in injector) rewrites(w *mesh.Workload) bool {
	if own, err := strconv.ParseBool(w.Annotations[annotation.SidecarRewriteAppHTTPProbers.Name]); err == nil {
		return own
	}
	return !in.keepsProbes
}

// captured says whether inbound connections to a port go through the sidecar.
func captured(w *mesh.Workload, port int32) bool {
	if w.Annotations[annotation.SidecarInterceptionMode.Name] == "NONE" {
		return false
	}
	number := strconv.Itoa(int(port))
	if include, ok := w.Annotations[annotation.SidecarTrafficIncludeInboundPorts.Name]; ok && include != "*" && !listed(include, number) {
		return false
	}
	return !listed(w.Annotations[annotation.SidecarTrafficExcludeInboundPorts.Name], number)
}

// listed says whether a list with commas has an item.
func listed(list, item string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool { return strings.TrimSpace(s) == item })
}
