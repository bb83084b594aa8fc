package values

import (
	"path"
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func hookNeedsShell() *rule.Rule {
	return &rule.Rule{
		ID: "IMG004", Name: "hook-needs-shell", Category: imagesCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A hook or a probe of the proxies runs a shell or a tool that distroless images do not have.",
		Why:     "A failing postStart hook kills the proxy, a failing preStop hook is skipped, so connections are cut.",
		Fix:     "Use meshConfig.defaultConfig.terminationDrainDuration or EXIT_ON_ZERO_ACTIVE_CONNECTIONS in place of a script, or the default image.",
		Hints:   []string{"S2"},
		Run: func(p *rule.Pass) {
			distroless := distrolessProxies(p.Configs)
			for _, c := range p.Configs {
				hooks := c.Values().At("global", "proxy", "lifecycle")
				if proxiesAre(c, "distroless") {
					hooked(p, hooks)
				}
				if c.Chart == "gateway" && distroless {
					hooked(p, c.Root.Field("lifecycle"))
				}
			}
		},
	}
}

// distrolessProxies says whether every istiod among the configurations gives
// out distroless proxies; what chart gateway runs, the injector decides.
func distrolessProxies(configs []*snapshot.Config) bool {
	found := false
	for _, c := range configs {
		if c.ComponentEnabled("pilot") {
			found = true
			if !proxiesAre(c, "distroless") {
				return false
			}
		}
	}
	return found
}

func proxiesAre(c *snapshot.Config, variant string) bool {
	for _, i := range images(c) {
		if i.injected && i.full == nil {
			return i.variant != nil && i.variant.Text == variant || i.variant == nil && tagged(i.tag) == variant
		}
	}
	return false
}

// hooked reports the commands of hooks. What distroless images do have is
// Istio's own programs.
func hooked(p *rule.Pass, hooks *document.Value) {
	for _, when := range []string{"postStart", "preStop"} {
		command := hooks.At(when, "exec", "command").Items()
		if len(command) == 0 || command[0].Placeholder() != "" {
			continue
		}
		if program := path.Base(command[0].Text); slices.Contains(tools(), program) {
			p.Reportf(command[0], "the %s hook of the proxies runs %q, which the distroless image does not have", when, command[0].Text)
		}
	}
}

func tools() []string {
	return []string{"sh", "bash", "ash", "dash", "sleep", "curl", "wget", "nc", "cat", "echo", "kill", "pkill", "killall", "ps", "timeout", "env", "grep", "netstat", "ss", "test", "python", "python3", "perl"}
}
