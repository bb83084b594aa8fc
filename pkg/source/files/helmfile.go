package files

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// helmfile says whether a document is one: a list of releases with charts.
func helmfile(root *document.Value) bool {
	for _, r := range root.Field("releases").Items() {
		if r.Field("chart") != nil {
			return true
		}
	}
	return false
}

// helmfile reads the releases of one. Templates without quotes are the usual
// form there, so they are no problem of the text.
func (w wrapping) helmfile() []*snapshot.Config {
	w.doc.Problems = slices.DeleteFunc(w.doc.Problems, func(p document.Problem) bool { return p.Kind == document.Template })
	var out []*snapshot.Config
	for _, item := range w.root.Field("releases").Items() {
		r := release{at: item, chart: item.Str("chart"), namespace: cmp.Or(item.Str("namespace"), w.root.Str("helmDefaults", "namespace"))}
		r.Kind, r.Name, r.Namespace, r.Release = "release", item.Str("name"), r.namespace, item.Str("name")
		r.Cluster = cmp.Or(item.Str("kubeContext"), w.root.Str("helmDefaults", "kubeContext"))
		r.off = item.IsFalse("installed")
		r.Version, r.Object, r.Chart = item.Field("version"), item, item.Field("chart")
		r.Filler, r.Fills = "helmfile", []string{"{{"}
		r.repository, r.chart = repository(w.root, r.chart)
		helmfileValues(&r, item)
		r.values = parameters(or(r.values, empty(item)), item.Field("set"), w.doc)
		out = append(out, r.configs()...)
	}
	if w.doc.Blanked && len(out) > 0 {
		out[0].Unseen = append(out[0].Unseen, unseen(w.root, "the lines that helmfile fills in were not judged"))
	}
	return out
}

// repository splits alias/chart, where the file knows the alias; a local
// path stays one.
func repository(root *document.Value, chart string) (repo, name string) {
	for _, r := range root.Field("repositories").Items() {
		if alias := r.Str("name"); alias != "" && len(chart) > len(alias) && chart[:len(alias)+1] == alias+"/" {
			return cmp.Or(r.Str("url"), alias), chart[len(alias)+1:]
		}
	}
	return chart, chart
}

// helmfileValues joins the maps in a release's list of values.
func helmfileValues(r *release, item *document.Value) {
	for _, v := range item.Field("values").Items() {
		if v.Kind == document.Map {
			r.values = document.Merge(r.values, v)
		} else {
			r.unseen = append(r.unseen, unseen(v, fmt.Sprintf("the values in file %q are not seen here; that file is judged by itself if it is given", v.Text)))
		}
	}
	for _, v := range item.Field("secrets").Items() {
		r.unseen = append(r.unseen, unseen(v, fmt.Sprintf("the secret values in file %q are not seen here and were not judged", v.Text)))
	}
}
