package values

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func misspeltObject() *rule.Rule {
	return &rule.Rule{
		ID: "DOC010", Name: "misspelt-object", Category: filesCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "An object of a GitOps tool that installs Istio has a misspelt kind, chart or field, or a value that its API refuses.",
		Why:     "The tool refuses the object, or drops the field and everything below it without a word.",
		Fix:     "Write the name that the API of the object has.",
		Run: func(p *rule.Pass) {
			seen := map[finding.Location]bool{}
			for _, c := range p.Configs {
				if w := c.Wrapper; w != nil && w.Object != nil {
					o := objects{p, c, seen}
					o.kind()
					o.chart()
					o.fields()
					o.sail()
				}
			}
		},
	}
}

// objects reports what is wrong with the object around one configuration.
// Several configurations may be of one object, which is judged once.
type objects struct {
	*rule.Pass
	c    *snapshot.Config
	seen map[finding.Location]bool
}

func (o objects) report(at finding.Locator, format string, args ...any) {
	if place := at.Location(); !o.seen[place] {
		o.seen[place] = true
		o.Reportf(at, format, args...)
	}
}

func (o objects) kind() {
	w := o.c.Wrapper
	if kind := w.Object.Field("kind"); kind != nil && w.Object.Field("apiVersion") != nil && kind.Text != w.Kind {
		o.report(kind, "kind %q does not exist, did you mean %s? The object is refused as it is", kind.Text, w.Kind)
	}
}

func (o objects) chart() {
	if w := o.c.Wrapper; w.MeantChart != "" && w.Chart != nil {
		o.report(w.Chart, "%s: Istio has no chart %q, did you mean %s?", o.c.Name(), w.Chart.Text, w.MeantChart)
	}
}

// fields looks for near misses of the fields that matter here. What is not
// like any of them may be a field of a newer version.
func (o objects) fields() {
	for _, part := range partsOf(o.c.Wrapper) {
		for _, f := range part.value.Fields() {
			if slices.Contains(part.known, f.Name()) {
				continue
			}
			if meant := schema.Suggest(f.Name(), part.known); meant != "" {
				o.report(f.Key(), "%s: there is no field %q, did you mean %q? What it says has no effect", o.c.Name(), f.Path(), meant)
			}
		}
	}
}

// part is a map of an object and the fields that its API has there.
type part struct {
	value *document.Value
	known []string
}

func partsOf(w *snapshot.Wrapper) []part {
	spec := w.Object.Field("spec")
	switch w.Kind {
	case "HelmRelease":
		return []part{{spec, releaseFields()}, {spec.At("chart", "spec"), fluxChartFields()}}
	case "Application":
		return argoParts(spec)
	case "ApplicationSet":
		return argoParts(spec.At("template", "spec"))
	case "HelmChart":
		return []part{{spec, cattleFields()}}
	case "helmCharts":
		return []part{{w.Object, inflatorFields()}}
	case "release":
		return []part{{w.Object, helmfileFields()}}
	}
	return nil
}

func argoParts(spec *document.Value) []part {
	var out []part
	for _, source := range append([]*document.Value{spec.Field("source")}, spec.Field("sources").Items()...) {
		out = append(out, part{source, sourceFields()}, part{source.Field("helm"), argoHelmFields()})
	}
	return out
}
