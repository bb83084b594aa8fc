package values

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func conflictingSettings() *rule.Rule {
	return &rule.Rule{
		ID: "VAL015", Name: "conflicting-settings", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "One setting is given different values in two places.",
		Why:     "Only one of them is used, and which one differs from setting to setting; whoever changes the other one changes nothing.",
		Fix:     "Keep the setting in one place.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if !c.IsOperator() {
					helmConflicts(p, c)
					continue
				}
				operatorConflicts(p, c)
				namespaceConflicts(p, c)
				for _, pair := range componentPairs(c) {
					differing(p, pair.values, pair.k8s)
				}
			}
		},
	}
}

// operatorConflicts compares the spec with the values that it is translated
// to. The values win, except for mesh config.
func operatorConflicts(p *rule.Pass, c *snapshot.Config) {
	spec, values := c.Root.Field("spec"), c.Root.At("spec", "values")
	for _, field := range []string{"hub", "tag"} {
		differing(p, spec.Field(field), values.At("global", field))
	}
	for _, field := range []string{"revision", "compatibilityVersion"} {
		differing(p, spec.Field(field), values.Field(field))
	}
	differing(p, values.Field("meshConfig"), spec.Field("meshConfig"))
}

// helmConflicts compares the places where one chart takes the same setting.
func helmConflicts(p *rule.Pass, c *snapshot.Config) {
	prefix := map[string]string{"istiod": "pilot", "cni": "cni"}[c.Chart]
	if prefix != "" {
		for _, f := range c.Root.Field(prefix).Fields() {
			if !slices.Contains([]string{"enabled", prefix}, f.Name()) {
				differing(p, c.Root.Field(f.Name()), f)
			}
		}
	}
	for _, field := range []string{"profile", "platform"} {
		differing(p, c.Root.At("global", field), c.Root.Field(field))
	}
}

// differing reports the first scalar in which two trees contradict each
// other; winner's value is the one that is used. What only one of them has is
// merged, and lists are replaced whole.
func differing(p *rule.Pass, loser, winner *document.Value) {
	if set(loser) == nil || set(winner) == nil || loser.Placeholder() != "" || winner.Placeholder() != "" {
		return
	}
	if loser.Kind == document.Map && winner.Kind == document.Map {
		for _, f := range loser.Fields() {
			differing(p, f, winner.Field(f.Name()))
		}
		return
	}
	if sameValue(loser, winner) {
		return
	}
	f := p.Reportf(loser, "%s is %s, but %s says %s, which is used; keep one of them", loser.Path(), brief(loser), winner.Path(), brief(winner))
	f.Related = []finding.Related{{Message: "this one is used", At: winner.Location()}}
}

func sameValue(a, b *document.Value) bool {
	if a.Scalar() && b.Scalar() {
		x, okX := amount(a)
		y, okY := amount(b)
		return a.Text == b.Text || okX && okY && x.Cmp(y) == 0
	}
	x, errX := a.JSON()
	y, errY := b.JSON()
	return errX == nil && errY == nil && string(x) == string(y)
}

// brief is a value as a message shows it.
func brief(v *document.Value) string {
	if v.Scalar() {
		return "\"" + v.Text + "\""
	}
	return "another " + v.Kind.String()
}
