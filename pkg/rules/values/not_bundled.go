package values

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/profiles"
)

func notBundled() *rule.Rule {
	return &rule.Rule{
		ID: "VAL009", Name: "not-bundled", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A profile, platform, compatibility version, revision, hub or tag is none that works.",
		Why:     "Rendering fails without naming the place, or objects and images get names that Kubernetes refuses.",
		Fix:     "Use the name that the message suggests, or one that it lists.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, s := range selections(c) {
					bundled(p, c, s)
				}
				for _, v := range revisions(c) {
					revision(p, v)
				}
				for _, v := range hubs(c) {
					hub(p, v)
				}
				for _, v := range tags(c) {
					tag(p, v)
				}
			}
		},
	}
}

// selection is a value that names bundled settings of a chart.
type selection struct {
	chart string
	kind  facts.NameKind
	value *document.Value
}

func selections(c *snapshot.Config) []selection {
	chart, v := c.Chart, c.Values()
	var out []selection
	if c.IsOperator() {
		chart = "istiod"
		out = append(out,
			selection{"istioctl", facts.Profile, c.Root.At("spec", "profile")},
			selection{chart, facts.CompatibilityVersion, c.Root.At("spec", "compatibilityVersion")})
	}
	return append(out,
		selection{chart, facts.Profile, first(v.Field("profile"), v.At("global", "profile"))},
		selection{chart, facts.CompatibilityVersion, v.Field("compatibilityVersion")},
		selection{chart, facts.Platform, first(v.Field("platform"), v.At("global", "platform"))})
}

func bundled(p *rule.Pass, c *snapshot.Config, s selection) {
	names := facts.Names(s.chart, s.kind, c.Istio)
	if first(s.value) == nil || len(names) == 0 || s.value.Placeholder() != "" || slices.Contains(names, s.value.Text) {
		return
	}
	f := p.Reportf(s.value, "%s %q does not exist in Istio %s%s", s.kind, s.value.Text, c.Istio, instead(s, names, c.Istio))
	if strings.Contains(f.Message, "did you mean") {
		misspelt(f, s.value, names)
	}
}

// instead says what is known about a wrong name, or which names there are.
func instead(s selection, names []string, istio facts.Minor) string {
	name := s.value.Text
	if slices.Contains(profiles.Names(), name) && s.chart == "istioctl" {
		return fmt.Sprintf(": it is meshctl's own, given with --profile %s; istioctl takes the file that `meshctl profiles show %s` prints", name, name)
	}
	if meant := schema.Suggest(name, names); meant != "" && s.kind != facts.CompatibilityVersion {
		return fmt.Sprintf(", did you mean %q?", meant)
	}
	known := "; there are " + strings.Join(names, ", ")
	if s.kind == facts.Profile && slices.Contains(facts.Names(s.chart, facts.Platform, istio), name) {
		return fmt.Sprintf("; set global.platform: %s instead", name)
	}
	if first, last, ok := facts.Bundled(s.chart, s.kind, name); ok {
		return fmt.Sprintf(", only in %s to %s%s", first, last, known)
	}
	if _, _, ok := facts.Bundled("istioctl", s.kind, name); ok && s.chart != "istioctl" {
		return ", as a profile of charts: only spec.profile of an IstioOperator knows it" + known
	}
	return known
}
