package observability

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func logWithoutFlags() *rule.Rule {
	return each(rule.Rule{
		ID: "OBS002", Name: "log-without-flags", Severity: finding.Info,
		Summary: "The access log's format has neither %RESPONSE_FLAGS% nor %RESPONSE_CODE_DETAILS%.",
		Why:     "They say why the proxy answered itself: no healthy upstream, a policy, a timeout, a reset.",
		Fix:     "Add both to the format, or remove it: the default one has them.",
		Hints:   []string{"O1"},
	}, func(p *rule.Pass, c *snapshot.Config) {
		for _, m := range c.MeshConfigs() {
			flagless(p, m.Field("accessLogFormat"))
			for _, item := range m.Field("extensionProviders").Items() {
				format := item.At("envoyFileAccessLog", "logFormat")
				flagless(p, format.Field("text"))
				if labels := format.Field("labels"); len(labels.Fields()) > 0 && !fieldsHave(labels) {
					p.Reportf(labels.Key(), "no label has %%RESPONSE_FLAGS%% or %%RESPONSE_CODE_DETAILS%%, which say why the proxy answered itself")
				}
			}
		}
	})
}

// flagless reports a format; one without any field is another rule's.
func flagless(p *rule.Pass, v *document.Value) {
	if v.Scalar() && strings.Contains(v.Text, "%") && v.Placeholder() == "" && !telling(v.Text) {
		p.Reportf(v, "the format has neither %%RESPONSE_FLAGS%% nor %%RESPONSE_CODE_DETAILS%%, which say why the proxy answered itself")
	}
}

func telling(text string) bool {
	return strings.Contains(text, "%RESPONSE_FLAGS") || strings.Contains(text, "%RESPONSE_CODE_DETAILS%")
}

func fieldsHave(labels *document.Value) bool {
	for _, f := range labels.Fields() {
		if telling(f.Text) || f.Placeholder() != "" || fieldsHave(f) {
			return true
		}
	}
	return false
}
