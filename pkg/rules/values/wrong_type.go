package values

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func wrongType() *rule.Rule {
	return &rule.Rule{
		ID: "VAL012", Name: "wrong-type", Category: fieldsCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: []snapshot.Part{snapshot.Given},
		Summary: "A value has another type than its field, or changes when it is read.",
		Why:     "The file is refused, or the charts render something else than what is written: tag 1.20 becomes 1.2.",
		Fix:     "Write the type or value that the message names; put tags and versions in quotes.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			report(p, schema.WrongType, anywhere)
			for _, c := range p.Configs {
				for _, tag := range tags(c) {
					rounded(p, tag)
				}
				trustBundle(p, c)
			}
		},
	}
}

// rounded reports a tag without quotes that YAML reads as a number or a
// boolean: most become another text, and the others show it with the next tag.
func rounded(p *rule.Pass, tag *document.Value) {
	var kind string
	switch tag.Kind {
	case document.Float, document.Int:
		kind = "number"
	case document.Bool:
		kind = "boolean"
	default:
		return
	}
	f := p.Reportf(tag, "tag %s becomes %s, because YAML reads it as a %s; %s", tag.Text, templated(tag), kind, schema.PutInQuotes(tag))
	f.Propose(tag.Replace(tag.Text, document.String), "put it in quotes")
	if templated(tag) == tag.Text {
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("tag %s is read as a %s, and the next one may become another text, as 1.20 becomes 1.2; %s", tag.Text, kind, schema.PutInQuotes(tag))
	}
}

// templated is how a template prints a scalar: every number is a float64 by
// then.
func templated(v *document.Value) string {
	switch read := v.Any().(type) {
	case int64:
		return fmt.Sprint(float64(read))
	case uint64:
		return fmt.Sprint(float64(read))
	default:
		return fmt.Sprint(read)
	}
}

// trustBundle looks at the one environment variable that a template compares
// with a boolean.
func trustBundle(p *rule.Pass, c *snapshot.Config) {
	const name = "ENABLE_CLUSTER_TRUST_BUNDLE_API"
	if c.Istio.Before(facts.Minor{Major: 1, Minor: 26}) {
		return // no template looks at it
	}
	for _, path := range [][]string{{"pilot", "env", name}, {"env", name}, {"ztunnel", "env", name}} {
		if v := c.Values().At(path...); v != nil && v.Kind == document.String {
			f := p.Reportf(v, "%s must be a boolean without quotes: the chart compares it with true and cannot be rendered otherwise", name)
			f.Propose(v.Replace(v.Text, document.Bool), "remove the quotes")
		}
	}
}
