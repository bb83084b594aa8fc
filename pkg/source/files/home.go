package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// home is the Helm chart in whose folder a values file stands: it says whose
// the values are, so that nothing need be guessed.
type home struct {
	chart *document.Value
	// values are those of its values.yaml, if that is among the files: they
	// lie below what any other file says.
	values *document.Value
}

// homes are the charts by folder; nil where there is none.
type homes map[string]*home

// collect remembers the values.yaml of charts.
func (h homes) collect(docs []*document.Document) {
	if len(docs) != 1 || stem(docs[0].File) != "values" {
		return
	}
	if chart := h.in(filepath.Dir(docs[0].File)); chart != nil {
		chart.values = docs[0].Root
	}
}

// configs are what the values in a file install, by the chart in its folder or
// in the one above, where people keep values for several environments. The
// second result is false where no chart tells.
func (h homes) configs(file string, root *document.Value) ([]*snapshot.Config, bool) {
	if h == nil || file == stdinName {
		return nil, false
	}
	dir := filepath.Dir(file)
	if filepath.Base(file) == "Chart.yaml" {
		return nil, true
	}
	if chart := h.in(dir); chart != nil {
		configs, sure := chart.configs(stem(file), root)
		// A file that is called after a chart may be used without this one.
		return configs, sure && (len(configs) > 0 || named(stem(file)) == "")
	}
	if chart := h.in(filepath.Join(dir, "..")); chart != nil {
		configs := chart.umbrella(stem(file), root, chart.dependencies())
		return configs, len(configs) > 0
	}
	return nil, false
}

func (h homes) in(dir string) *home {
	if found, known := h[dir]; known {
		return found
	}
	h[dir] = nil
	path := filepath.Join(dir, "Chart.yaml")
	// A chart's description is small; whatever is not is none.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	if docs := document.Parse(path, text); len(docs) == 1 && docs[0].Root.Field("name") != nil {
		h[dir] = &home{chart: docs[0].Root}
	}
	return h[dir]
}

// configs are what values in the chart's folder install. The second result is false
// where the chart does not tell.
func (h *home) configs(file string, root *document.Value) ([]*snapshot.Config, bool) {
	if parts := h.dependencies(); len(parts) > 0 {
		return h.umbrella(file, root, parts), true
	}
	if !h.mentionsIstio() {
		return nil, true // another project's chart
	}
	if file == "values" && content(root) != root {
		return nil, true // the defaults of the chart as Istio ships it, not an installation's values
	}
	chart, _ := dependency(h.chart.Str("name"))
	if chart == "" || !strings.Contains(file, "values") {
		return nil, false // a copy of one of Istio's under a new name, perhaps
	}
	return []*snapshot.Config{h.config(chart, root, or(h.chart.Field("appVersion"), h.chart.Field("version")))}, true
}

func (h *home) config(chart string, values, version *document.Value) *snapshot.Config {
	c := &snapshot.Config{Chart: chart, Root: values}
	c.Wrapper = &snapshot.Wrapper{Kind: "chart", Name: h.chart.Str("name") + " with " + chart, Version: version, Pinned: pinned(version)}
	if c.Istio = c.Wrapper.Pinned; c.Istio.Known() {
		c.Istio = nearest(c.Istio)
	}
	if h.chart.Str("name") == chart {
		c.Wrapper.Name = chart
	}
	return c
}

func (h *home) mentionsIstio() bool {
	texts := append(h.chart.Field("keywords").Items(), h.chart.Field("sources").Items()...)
	for _, name := range []string{"name", "description", "home"} {
		texts = append(texts, h.chart.Field(name))
	}
	return slices.ContainsFunc(texts, func(v *document.Value) bool { return strings.Contains(strings.ToLower(v.Str()), "istio") })
}

// part is one of Istio's charts that an umbrella chart depends on.
type part struct {
	chart, key string
	version    *document.Value
	condition  string
}

func (h *home) dependencies() []part {
	var out []part
	for _, d := range h.chart.Field("dependencies").Items() {
		chart, certain := dependency(d.Str("name"))
		if chart == "" || !certain && !strings.Contains(d.Str("repository"), "istio") {
			continue
		}
		p := part{chart: chart, key: d.Str("alias"), version: d.Field("version"), condition: first(d.Str("condition"))}
		if p.key == "" {
			p.key = d.Str("name")
		}
		out = append(out, p)
	}
	return out
}

// first of the paths that a condition lists.
func first(paths string) string {
	path, _, _ := strings.Cut(paths, ",")
	return strings.TrimSpace(path)
}

// umbrella takes the values of each part. Other keys are the umbrella chart's
// own.
func (h *home) umbrella(file string, root *document.Value, parts []part) []*snapshot.Config {
	whole := root
	if file != "values" {
		whole = document.Merge(h.values, root)
	}
	var out []*snapshot.Config
	for _, p := range parts {
		if root.Field(p.key) == nil || whole.Field(p.key).Kind != document.Map {
			continue
		}
		c := h.config(p.chart, withGlobal(p.chart, p.values(whole), whole.Field("global")), p.version)
		c.Off = p.condition != "" && whole.IsFalse(strings.Split(p.condition, ".")...)
		if file != "values" && h.values == nil {
			c.Unseen = append(c.Unseen, unseen(root.Field(p.key).Key(), "the chart's own values.yaml, which lies below these values, is not among the files and was not judged"))
		}
		out = append(out, c)
	}
	return out
}

// values are the part's, without the switch of the umbrella's condition.
func (p part) values(whole *document.Value) *document.Value {
	values := whole.Field(p.key)
	if on, ok := strings.CutPrefix(p.condition, p.key+"."); ok && !strings.Contains(on, ".") {
		return values.Without(on)
	}
	return values
}

// withGlobal hands an umbrella chart's global on as Helm does, over the part's
// own. What the part does not know is for other parts.
func withGlobal(chart string, values, global *document.Value) *document.Value {
	for _, f := range global.Fields() {
		if !schema.Ever(facts.Chart(chart), "global", f.Name()) {
			global = global.Without(f.Name())
		}
	}
	if len(global.Fields()) == 0 {
		return values
	}
	return document.Merge(values, document.Nest(global, "global"))
}
