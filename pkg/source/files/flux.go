package files

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// flux reads a HelmRelease.
func (w wrapping) flux() []*snapshot.Config {
	spec := w.root.Field("spec")
	r := release{Wrapper: w.wrapper(), values: spec.Field("values"), at: or(spec, w.root)}
	r.Filler, r.Fills = "Flux", []string{"$"} // postBuild of the Kustomization
	r.namespace = cmp.Or(spec.Str("targetNamespace"), r.Namespace)
	r.Release = cmp.Or(spec.Str("releaseName"), r.Name)
	r.Cluster = plainText(spec.Field("kubeConfig"))
	w.fluxChart(&r, spec)
	for _, from := range spec.Field("valuesFrom").Items() {
		r.unseen = append(r.unseen, unseen(from, fmt.Sprintf("the values in %s %q are not seen here and were not judged", cmp.Or(from.Str("kind"), "object"), from.Str("name"))))
	}
	for _, name := range append(spec.At("chart", "spec", "valuesFiles").Items(), spec.At("chart", "spec", "valuesFile")) {
		if name != nil {
			r.unseen = append(r.unseen, unseen(name, fmt.Sprintf("the values in file %q of the chart's source are not seen here and were not judged", name.Text)))
		}
	}
	return r.configs()
}

// fluxChart finds the chart and its version, in the object or in the source
// that it refers to.
func (w wrapping) fluxChart(r *release, spec *document.Value) {
	chart, ref := spec.At("chart", "spec"), spec.Field("chartRef")
	switch {
	case chart != nil:
		w.chartSpec(r, chart)
	case ref != nil:
		source := w.sources.find(ref, r.Namespace)
		r.chart, r.repository = ref.Str("name"), ref.Str("name")
		if ref.Str("kind") == "HelmChart" && source != nil {
			w.chartSpec(r, source.Field("spec"))
		} else if url := source.Str("spec", "url"); url != "" {
			r.chart, r.repository = chartName(url), url
			r.Version = or(source.At("spec", "ref", "tag"), source.At("spec", "ref", "semver"))
		}
	default:
		// a patch
	}
}

func (w wrapping) chartSpec(r *release, chart *document.Value) {
	ref := chart.Field("sourceRef")
	r.chart, r.Chart = chart.Str("chart"), chart.Field("chart")
	r.repository = cmp.Or(w.sources.find(ref, r.Namespace).Str("spec", "url"), ref.Str("name"))
	if kind := ref.Str("kind"); kind == "" || kind == "HelmRepository" {
		r.Version = chart.Field("version") // others take the version of the chart in Git
	}
}

// or returns the first value that is there.
func or(values ...*document.Value) *document.Value {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

// sources are the chart sources of Flux in all files, by kind and name.
type sources map[string][]*document.Value

// add remembers a document if it is such a source.
func (s sources) add(root *document.Value) {
	if strings.HasPrefix(root.Str("apiVersion"), "source.toolkit.fluxcd.io/") {
		key := root.Str("kind") + "/" + root.Str("metadata", "name")
		s[key] = append(s[key], root)
	}
}

func (s sources) collect(docs []*document.Document) {
	for _, d := range docs {
		s.add(d.Root)
	}
}

// find returns the source that a reference names. The namespace decides
// between several; kustomize often adds it later, so it may be missing. Nil is
// returned where that leaves more than one.
func (s sources) find(ref *document.Value, namespace string) *document.Value {
	if ref == nil {
		return nil
	}
	candidates := s[cmp.Or(ref.Str("kind"), "HelmRepository")+"/"+ref.Str("name")]
	if len(candidates) == 1 {
		return candidates[0]
	}
	var found *document.Value
	for _, c := range candidates {
		if c.Str("metadata", "namespace") == cmp.Or(ref.Str("namespace"), namespace) {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}
