package files

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// cattle reads a HelmChart of k3s and RKE2.
func (w wrapping) cattle() []*snapshot.Config {
	spec := w.root.Field("spec")
	r := release{Wrapper: w.wrapper(), at: or(spec, w.root), chart: spec.Str("chart"), repository: spec.Str("repo"), namespace: spec.Str("targetNamespace")}
	r.Version, r.Release, r.Chart = spec.Field("version"), r.Name, spec.Field("chart")
	for _, secret := range spec.Field("valuesSecrets").Items() {
		r.unseen = append(r.unseen, unseen(secret, fmt.Sprintf("the values in Secret %q are not seen here and were not judged", secret.Str("name"))))
	}
	r.values = w.nested(spec.Field("valuesContent"), &r)
	if set := spec.Field("set"); len(set.Fields()) > 0 {
		r.unseen = append(r.unseen, unseen(set, "the values under set were not judged"))
	}
	return r.configs()
}

// kustomization reads the charts that kustomize inflates, and the patches.
func (w wrapping) kustomization() []*snapshot.Config {
	var out []*snapshot.Config
	for _, chart := range w.root.Field("helmCharts").Items() {
		r := release{at: chart, chart: chart.Str("name"), repository: chart.Str("repo"), namespace: chart.Str("namespace"), values: chart.Field("valuesInline")}
		r.Kind, r.Name, r.Namespace = "helmCharts", chart.Str("releaseName"), chart.Str("namespace")
		r.Version, r.Release = chart.Field("version"), chart.Str("releaseName")
		r.Object, r.Chart = chart, chart.Field("name")
		for _, file := range append([]*document.Value{chart.Field("valuesFile")}, chart.Field("additionalValuesFiles").Items()...) {
			if file != nil {
				r.unseen = append(r.unseen, unseen(file, fmt.Sprintf("the values in file %q are not seen here; that file is judged by itself if it is given", file.Text)))
			}
		}
		out = append(out, r.configs()...)
	}
	return append(out, w.inlinePatches()...)
}

// configMap reads the mesh config that istiod reads: key mesh of ConfigMap
// istio, or of istio-REVISION.
func (w wrapping) configMap() []*snapshot.Config {
	mesh := w.root.At("data", "mesh")
	if mesh == nil || mesh.Kind != document.String {
		return nil
	}
	r := release{Wrapper: w.wrapper()}
	root := w.nested(mesh, &r)
	if root == nil || root.Kind != document.Map || !meshLike(r.Name, root) {
		return nil
	}
	networks := w.nested(w.root.At("data", "meshNetworks"), &r)
	return []*snapshot.Config{{Chart: snapshot.Mesh, Root: root, Networks: networks.Field("networks"), Wrapper: &r.Wrapper, ReleaseNamespace: r.Namespace, Unseen: r.unseen}}
}

// meshLike says whether a map is mesh config: by the ConfigMap's name, or by
// its fields where somebody calls it otherwise.
func meshLike(name string, root *document.Value) bool {
	if name == "istio" || strings.HasPrefix(name, "istio-") {
		return true
	}
	return knownFields(facts.MeshConfig, root) > 1 && plausible(facts.MeshConfig, root)
}
