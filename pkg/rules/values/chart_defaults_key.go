package values

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func chartDefaultsKey() *rule.Rule {
	return &rule.Rule{
		ID: "VAL010", Name: "chart-defaults-key", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "Helm values carry the key under which the chart keeps its own defaults.",
		Why:     "The charts of 1.24 and later fail with the old key; what stands below the new one loses against every profile and pins the defaults of one release.",
		Fix:     "Write the settings that differ from the defaults at the root of the file and drop the key.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, key := range wrapped(c) {
					judgeWrapper(p, c, key)
				}
			}
		},
	}
}

// wrapped finds the keys; one that holds the whole file has become its root.
func wrapped(c *snapshot.Config) []*document.Value {
	if c.IsOperator() {
		return nil
	}
	if slices.Contains(schema.Wrappers(), c.Root.Name()) {
		return []*document.Value{c.Root}
	}
	var out []*document.Value
	for _, name := range schema.Wrappers() {
		if v := c.Root.Field(name); v != nil && !empty(v) {
			out = append(out, v)
		}
	}
	return out
}

// empty says that a template sees nothing there.
func empty(v *document.Value) bool {
	return v.Kind == document.Null || v.Kind == document.Map && len(v.Fields()) == 0
}

// judgeWrapper follows the charts: up to 1.20 they know neither key, 1.21 to
// 1.23 kept their defaults below the first and later ones below the second.
func judgeWrapper(p *rule.Pass, c *snapshot.Config, key *document.Value) {
	old := key.Name() == schema.Wrappers()[0]
	modern := !c.Istio.Before(facts.Minor{Major: 1, Minor: 24})
	switch {
	case old && modern:
		p.Reportf(key.Key(), "the charts refuse to render with the key defaults since Istio 1.24; write what is below it at the root").
			Propose(key.Unwrap(), "write it at the root")
	case c.Istio.Before(facts.Minor{Major: 1, Minor: 21}) || !old && !modern:
		p.Reportf(key.Key(), "the charts of Istio %s do not read %s, so nothing below it takes effect; write it at the root", c.Istio, key.Name())
	case key == c.Root && schema.ChartDefaults(c.Chart, key):
		// The chart's own file, which sets nothing.
	default:
		f := p.Reportf(key.Key(), "%s is the place of the chart's own defaults: what is below it loses against profiles and platform settings; write what differs from the defaults at the root", key.Name())
		f.Severity = finding.Warning
	}
}
