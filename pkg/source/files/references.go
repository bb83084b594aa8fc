package files

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// references tell which charts a file with values is given to, by the end of
// its path: Argo CD names paths from the root of a repository.
type references map[string][]string

// collect looks for values files in kustomizations, helmfiles and the objects
// of Argo CD.
func (r references) collect(docs []*document.Document) {
	for _, d := range docs {
		dir := filepath.Dir(d.File)
		for _, c := range d.Root.Field("helmCharts").Items() {
			r.add(dir, c.Str("name"), c.Str("repo"), append(c.Field("additionalValuesFiles").Items(), c.Field("valuesFile")))
		}
		for _, c := range d.Root.Field("releases").Items() {
			r.add(dir, c.Str("chart"), c.Str("chart"), c.Field("values").Items())
		}
		if strings.HasPrefix(d.Root.Str("apiVersion"), "argoproj.io/") {
			for _, spec := range []*document.Value{d.Root.Field("spec"), d.Root.At("spec", "template", "spec")} {
				for _, c := range argoSources(spec) {
					r.add("", c.Str("chart"), c.Str("repoURL"), c.At("helm", "valueFiles").Items())
				}
			}
		}
	}
}

// add remembers the files of a chart, if it is one of Istio's. In Argo CD only
// paths behind a $name lead to a file of the repository.
func (r references) add(dir, name, repository string, files []*document.Value) {
	chart, certain := dependency(chartName(name))
	if chart == "" || !certain && !strings.Contains(repository, "istio") {
		return
	}
	for _, f := range files {
		path := f.Str()
		if dir == "" {
			_, path, _ = strings.Cut(path, "/")
			if !strings.HasPrefix(f.Str(), "$") {
				continue
			}
		}
		if path = filepath.Join(dir, path); known(path) != "" && f.Scalar() && !slices.Contains(r[path], chart) {
			r[path] = append(r[path], chart)
		}
	}
}

func (r references) charts(file string) []string {
	file = filepath.Clean(file)
	var out []string
	for path, charts := range r {
		if file == path || strings.HasSuffix(file, string(filepath.Separator)+path) {
			out = append(out, charts...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// configs are what a file gives to each of its charts. What one of several
// does not know is there for another one. It is not all that they get.
func (r references) configs(file string, root *document.Value) []*snapshot.Config {
	charts := r.charts(file)
	var out []*snapshot.Config
	for _, chart := range charts {
		values := unwrap(root)
		for _, f := range values.Fields() {
			knows := func(c string) bool { return schema.Ever(facts.Chart(c), f.Name()) }
			if !knows(chart) && slices.ContainsFunc(charts, knows) {
				values = values.Without(f.Name())
			}
		}
		if len(charts) > 1 && len(values.Fields()) == 0 {
			continue
		}
		c := &snapshot.Config{Chart: chart, Root: values}
		c.Unseen = append(c.Unseen, snapshot.Unseen{At: values, Message: "the other values of the release", Silent: true})
		out = append(out, c)
	}
	return out
}
