package files

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// argo reads the spec of an Argo CD Application: one release a source.
func (w wrapping) argo(spec *document.Value) []*snapshot.Config {
	var out []*snapshot.Config
	for _, source := range argoSources(spec) {
		out = append(out, w.argoSource(spec, source, w.wrapper()).configs()...)
	}
	return out
}

// argoSources are the sources with a chart: one with a ref alone only gives
// files to the others.
func argoSources(spec *document.Value) []*document.Value {
	var out []*document.Value
	for _, source := range append([]*document.Value{spec.Field("source")}, spec.Field("sources").Items()...) {
		if source.Field("chart") != nil || source.Field("path") != nil || source.Field("helm") != nil {
			out = append(out, source)
		}
	}
	return out
}

// argoSet reads an ApplicationSet, whose template is an Application with
// expressions that Argo CD fills in.
func (w wrapping) argoSet() []*snapshot.Config {
	spec := w.root.At("spec", "template", "spec")
	var out []*snapshot.Config
	for _, source := range argoSources(spec) {
		wrapper := w.wrapper()
		wrapper.Filler, wrapper.Fills = "Argo CD", []string{"{{"}
		r := w.argoSource(spec, source, wrapper)
		if known(r.Cluster) == "" {
			r.Cluster += plainText(w.root.At("spec", "generators"))
		}
		if patch := w.root.At("spec", "templatePatch"); strings.Contains(patch.Str(), "helm") {
			r.unseen = append(r.unseen, unseen(patch, "what templatePatch changes in the values was not judged"))
		}
		out = append(out, r.configs()...)
	}
	return out
}

func (w wrapping) argoSource(spec, source *document.Value, wrapper snapshot.Wrapper) release {
	helm := source.Field("helm")
	r := release{Wrapper: wrapper, at: or(helm, source), repository: source.Str("repoURL"), namespace: spec.Str("destination", "namespace")}
	r.Release = helm.Str("releaseName")
	r.Cluster = argoCluster(spec.Field("destination"))
	switch chart := source.Str("chart"); {
	case chart != "":
		r.chart, r.Chart, r.Version = chart, source.Field("chart"), source.Field("targetRevision")
	case strings.HasPrefix(r.repository, "oci://"):
		r.chart, r.Version = chartName(r.repository), source.Field("targetRevision")
	case source.Str("path") != "":
		r.chart = "./" + source.Str("path")
	}
	w.argoValues(&r, helm)
	return r
}

// argoCluster is the server or the name of a cluster; "" for the one that Argo
// CD runs in, which has both.
func argoCluster(destination *document.Value) string {
	cluster := cmp.Or(destination.Str("server"), destination.Str("name"))
	if cluster == "https://kubernetes.default.svc" || cluster == "in-cluster" {
		return ""
	}
	return cluster
}

// argoValues joins the values of a source in Argo CD's order: parameters win
// over valuesObject, which replaces values altogether, and these over files.
func (w wrapping) argoValues(r *release, helm *document.Value) {
	for _, file := range helm.Field("valueFiles").Items() {
		r.unseen = append(r.unseen, unseen(file, fmt.Sprintf("the values in file %q are not seen here; that file is judged by itself if it is given", file.Text)))
	}
	for _, p := range helm.Field("fileParameters").Items() {
		r.unseen = append(r.unseen, unseen(p, fmt.Sprintf("the value of %s in file %q is not seen here and was not judged", p.Str("name"), p.Str("path"))))
	}
	values, object := helm.Field("values"), helm.Field("valuesObject")
	if object != nil && object.Kind != document.Null {
		r.values, r.Replaced = object, values
	} else {
		r.values = w.nested(values, r)
	}
	r.values = parameters(or(r.values, empty(r.at)), helm.Field("parameters"), w.doc)
}
