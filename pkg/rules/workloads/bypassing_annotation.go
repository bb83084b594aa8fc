package workloads

import (
	"slices"
	"strings"

	"istio.io/api/annotation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func bypassingAnnotation() *rule.Rule {
	return &rule.Rule{
		ID: "ANN001", Name: "bypassing-annotation", Category: annotations, Severity: finding.Warning,
		Stages: analyze(), Needs: pods(),
		Summary: "Annotations or labels of pods go around what the mesh or the namespace sets.",
		Why:     "Whoever may deploy can take traffic out of the mesh, leave the sidecar out, or give the proxy another image or configuration.",
		Fix:     "Set it for the mesh or the namespace, forbid it by an admission policy, or allow it by an exception in the configuration file.",
		Hints:   []string{"S10"}, Equivalents: []string{"IST0136"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			for _, w := range applications(m) {
				a := annotated{object: w.Object, path: w.Path, labels: w.Labels}
				looked++
				var found []string
				inMesh := len(w.Annotations) > 0 && (m.HasSidecar(w) != mesh.No || m.InAmbient(w) == mesh.Yes)
				for _, name := range names(w.Annotations) {
					if inMesh && !p.Settings.AllowsAnnotation(name) && bypasses(w, name) {
						found = append(found, name)
					}
				}
				out := leaves(m, w)
				if out != "" && p.Settings.AllowsAnnotation(out) {
					out = ""
				}
				switch {
				case len(found) > 0:
					p.Reportf(a.at(found[0]), "%s %s by %s; set it for the mesh or the namespace", a.what(), effect(found[0]), rule.First(found))
				case out != "":
					p.Reportf(placeOf(a, out), "%s leave the mesh that their namespace is in by %s: %s; let the namespace decide", a.what(), out, "no mTLS, no policies, no telemetry")
				}
			}
			p.Lookedf("the annotations of %s", finding.Count(looked, "workload"))
		},
	}
}

// placeOf is where a name stands, as a label or as an annotation.
func placeOf(a annotated, name string) finding.Location {
	if _, ok := a.labels[name]; ok {
		return a.in("labels", name)
	}
	return a.at(name)
}

// leaves names the label or annotation by which pods stay out of the mesh that
// their namespace is in; "" if none.
func leaves(m *mesh.Mesh, w *mesh.Workload) string {
	ns := m.Space(w.Namespace())
	if ns == nil || w.Spec.HostNetwork {
		return ""
	}
	injects := ns.Labels[mesh.InjectionLabel] == "enabled" || ns.Labels[mesh.InjectionLabel] == "" && ns.Labels[mesh.RevisionLabel] != ""
	label, labelled := w.Labels[mesh.InjectLabel]
	if injects && (label == "false" || !labelled && w.Annotations[mesh.InjectLabel] == "false") {
		return mesh.InjectLabel
	}
	if ns.Labels[mesh.DataplaneLabel] == "ambient" && w.Labels[mesh.DataplaneLabel] == "none" {
		return mesh.DataplaneLabel
	}
	return ""
}

// bypasses says whether an annotation of pods goes around the mesh's settings.
// What the injector wrote itself does not.
func bypasses(w *mesh.Workload, name string) bool {
	value := w.Annotations[name]
	switch name {
	case mesh.TemplatesAnnotation:
		return slices.ContainsFunc(strings.Split(value, ","), func(t string) bool { return !slices.Contains(builtIn(), strings.TrimSpace(t)) })
	case annotation.AmbientBypassInboundCapture.Name:
		return value == "true"
	case annotation.SidecarProxyImage.Name, annotation.SidecarBootstrapOverride.Name, annotation.SidecarUserVolume.Name, annotation.SidecarUserVolumeMount.Name,
		annotation.SidecarDiscoveryAddress.Name, annotation.SidecarLogLevel.Name, annotation.SidecarComponentLogLevel.Name, annotation.ProxyConfig.Name:
		return true
	case annotation.SidecarInterceptionMode.Name, annotation.ProxyOverrides.Name:
		return !w.Injected()
	}
	return strings.HasPrefix(name, "traffic.sidecar.istio.io/") && !w.Injected()
}

// builtIn are the injection templates that come with Istio.
func builtIn() []string {
	return []string{"sidecar", "gateway", "grpc-agent", "grpc-simple", "waypoint", "kube-gateway", "agentgateway", "agentgateway-waypoint"}
}

// effect says what an annotation does to pods.
func effect(name string) string {
	switch {
	case strings.HasPrefix(name, "traffic.sidecar.istio.io/"), name == annotation.SidecarInterceptionMode.Name, name == annotation.AmbientBypassInboundCapture.Name:
		return "change which traffic passes the proxy"
	case name == annotation.SidecarLogLevel.Name, name == annotation.SidecarComponentLogLevel.Name:
		return "change what the proxy logs"
	case name == annotation.ProxyConfig.Name, name == annotation.SidecarDiscoveryAddress.Name, name == annotation.SidecarBootstrapOverride.Name:
		return "change the proxy's configuration"
	}
	return "change the proxy itself"
}
