package observability

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func noAccessLog() *rule.Rule {
	return missing(rule.Rule{
		ID: "OBS001", Name: "no-access-log", Severity: finding.Info,
		Summary: "The mesh config decides nothing about access logs, so proxies write none unless a Telemetry says so.",
		Why:     "Without access logs a refused or broken request leaves no trace of who asked for what and why it failed.",
		Fix:     "Set meshConfig.accessLogFile to /dev/stdout, or name a provider in defaultProviders.accessLogging; an empty accessLogFile says that none are wanted.",
		Hints:   []string{"O1"},
	}, func(c *snapshot.Config) bool { return logs(c.Mesh()) || misspelt(c) },
		"no access logs are configured; set meshConfig.accessLogFile to /dev/stdout, or to \"\" if a Telemetry does it or none are wanted")
}

// logs says whether something about access logs is decided: a file, none, a
// default provider, or a provider that a Telemetry will name.
func logs(m *document.Value) bool {
	if m.Field("accessLogFile") != nil || len(m.At("defaultProviders", "accessLogging").Items()) > 0 || m.IsTrue("enableEnvoyAccessLogService") {
		return true
	}
	return slices.ContainsFunc(m.Field("extensionProviders").Items(), func(item *document.Value) bool {
		return slices.ContainsFunc([]string{"envoyFileAccessLog", "envoyHttpAls", "envoyTcpAls", "envoyOtelAls"}, func(kind string) bool {
			return item.Field(kind) != nil
		})
	})
}

// misspelt says whether another rule reports what was meant as the setting.
func misspelt(c *snapshot.Config) bool {
	return slices.ContainsFunc(c.Issues(), func(i schema.Issue) bool { return i.Suggestion == "accessLogFile" })
}
