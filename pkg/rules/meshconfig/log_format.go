package meshconfig

import (
	"encoding/json"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func logFormat() *rule.Rule {
	return &rule.Rule{
		ID: "VAL043", Name: "access-log-format", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "The access log's format is not one: it names an encoding, has no field in it, or is no JSON where JSON is asked for.",
		Why:     "Every line of the log is then the same words, or istiod drops the format and logs the default one.",
		Fix:     "Write JSON or TEXT in accessLogEncoding, and in accessLogFormat either nothing or what a line shall hold.",
		Hints:   []string{"O1"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if f := c.Mesh().Field("accessLogFormat"); f != nil && f.Kind == document.String && f.Placeholder() == "" {
					format(p, f, c.Mesh().Str("accessLogEncoding"))
				}
			}
		},
	}
}

func format(p *rule.Pass, f *document.Value, encoding string) {
	text := strings.TrimSpace(f.Text)
	var fields map[string]any
	switch {
	case text == "":
	case strings.EqualFold(text, "JSON") || strings.EqualFold(text, "TEXT"):
		found := p.Reportf(f, "accessLogFormat %q is an encoding: every line of the log will be this word; write accessLogEncoding: %s", f.Text, strings.ToUpper(text))
		if f.Text == strings.ToUpper(text) {
			found.Propose(f.Rename("accessLogEncoding"), "rename it to accessLogEncoding")
		}
	case encoding == "JSON" && json.Unmarshal([]byte(text), &fields) != nil:
		p.Reportf(f, "accessLogEncoding is JSON and accessLogFormat is no JSON object, so istiod logs its default format; write an object, or TEXT")
	case !strings.Contains(text, "%"):
		p.Reportf(f, "accessLogFormat has no field such as %%START_TIME%%, so every line of the log is the same").Severity = finding.Warning
	}
}
