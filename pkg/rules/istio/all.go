// Package istio runs Istio's own analyzers over the picture of a mesh. Their
// messages come out under their codes, except for those that a rule of ours
// speaks for: ours know visibility and versions.
package istio

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"istio.io/istio/pkg/config/analysis/analyzers/conditions"
	"istio.io/istio/pkg/config/analysis/analyzers/deprecation"
	"istio.io/istio/pkg/config/analysis/analyzers/k8sgateway"
	"istio.io/istio/pkg/config/analysis/analyzers/schema"
	"istio.io/istio/pkg/config/analysis/analyzers/sidecar"
	"istio.io/istio/pkg/config/analysis/analyzers/telemetry"
	"istio.io/istio/pkg/config/analysis/analyzers/virtualservice"
	"istio.io/istio/pkg/config/analysis/msg"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Istio's analyzers"

// All returns a rule for each code that Istio's analyzers report and that none
// of the given rules speaks for.
func All(ours []*rule.Rule) []*rule.Rule {
	var out []*rule.Rule
	for _, r := range codes() {
		if r.Net || !slices.ContainsFunc(ours, func(own *rule.Rule) bool { return own.In(rule.Analyze) && slices.Contains(own.Equivalents, r.ID) }) {
			out = append(out, r)
		}
	}
	return out
}

// reporting completes a rule that reports the messages with its ID.
func reporting(r rule.Rule, needs ...snapshot.Part) *rule.Rule {
	r.Category, r.Stages, r.Needs = category, []rule.Stage{rule.Analyze}, needs
	r.Equivalents = []string{r.ID}
	r.Severity = severity(r.ID)
	r.Run = func(p *rule.Pass) {
		for _, m := range snapshot.Derived(p.Snapshot, analyze)[r.ID] {
			p.Reportf(snapshot.Place(m.object, m.path), "%s", m.text)
		}
	}
	return &r
}

// messages are what the analyzers say, by code.
type messages map[string][]message

// message is what an analyzer says of a place in an object.
type message struct {
	object     snapshot.Object
	path, text string
}

// analyze runs the analyzers whose messages are reported, once.
func analyze(s *snapshot.Snapshot) messages {
	p := newPicture(s)
	analyzers := append(schema.AllValidationAnalyzers(),
		&deprecation.FieldAnalyzer{}, &telemetry.LightstepAnalyzer{}, &virtualservice.GatewayAnalyzer{},
		&k8sgateway.SelectorAnalyzer{}, &sidecar.SelectorAnalyzer{}, &conditions.ConditionAnalyzer{})
	for _, a := range analyzers {
		a.Analyze(p)
	}
	b := newBlame()
	out := messages{}
	for code, list := range p.said {
		for _, m := range list {
			from := m.Resource.Origin.(*origin)
			text := fmt.Sprintf(m.Type.Template(), m.Parameters...)
			if leftOut(s, from.object, text) {
				continue
			}
			path := from.path(m.Line)
			if err, ok := m.Parameters[0].(error); ok && (path == "" || path == nowhere) {
				path = cmp.Or(b.place(from, err.Error()), path)
			}
			out[code] = append(out[code], message{from.object, path, text})
		}
	}
	return out
}

// severity is the level that Istio gives a code.
func severity(code string) finding.Severity {
	for _, t := range msg.All() {
		if t.Code() == code {
			level, err := finding.ParseSeverity(strings.ToLower(t.Level().String()))
			if err == nil {
				return level
			}
		}
	}
	return finding.Info
}

// codes are the messages that can be told from what a picture holds.
func codes() []*rule.Rule {
	return []*rule.Rule{
		reporting(rule.Rule{
			ID: "IST0002", Name: "ist-deprecated",
			Summary: "An object uses something that Istio has deprecated.",
			Why:     "A later version ignores it.",
			Fix:     "Use what the message names instead.",
		}, snapshot.VirtualServices, snapshot.Sidecars, snapshot.Telemetries),
		reporting(rule.Rule{
			ID: "IST0106", Name: "ist-invalid", Net: true, Exact: true,
			Summary: "Istio's own validation refuses an object.",
			Why:     "istiod's webhook does not let it into the cluster, or istiod ignores it.",
			Fix:     "Correct what the message names.",
		}, validated()...),
		reporting(rule.Rule{
			ID: "IST0133", Name: "ist-warned", Net: true, Exact: true,
			Summary: "Istio's own validation warns of an object.",
			Why:     "It is accepted and does something else than its author expects.",
			Fix:     "Change what the message names.",
		}, validated()...),
		reporting(rule.Rule{
			ID: "IST0165", Name: "ist-internal-gateway",
			Summary: "A VirtualService names a Gateway that istiod makes of a Kubernetes Gateway.",
			Why:     "Its name is istiod's own affair and may change with any version.",
			Fix:     "Use an HTTPRoute with the Kubernetes Gateway.",
		}, snapshot.VirtualServices, snapshot.Gateways),
		reporting(rule.Rule{
			ID: "IST0166", Name: "ist-selector-at-gateway",
			Summary: "A policy selects the pods of a Kubernetes Gateway by labels.",
			Why:     "For those pods selectors are ignored; only targetRefs count.",
			Fix:     "Name the Gateway with targetRefs.",
		}, snapshot.Pods, snapshot.AuthorizationPolicies, snapshot.RequestAuths, snapshot.Telemetries, snapshot.WasmPlugins),
		reporting(rule.Rule{
			ID: "IST0167", Name: "ist-ineffective",
			Summary: "A Sidecar has no effect where it is.",
			Why:     "What it says is not obeyed.",
			Fix:     "Remove it, or move it to a namespace that is not in ambient mode.",
		}, snapshot.Sidecars, snapshot.Pods, snapshot.Namespaces),
		reporting(rule.Rule{
			ID: "IST0171", Name: "ist-condition",
			Summary: "An object's status says that it was not accepted or does not work.",
			Why:     "istiod or ztunnel looked at it and could not use it.",
			Fix:     "Do what the condition's message says.",
		}, snapshot.Services, snapshot.ServiceEntries, snapshot.WorkloadEntries, snapshot.AuthorizationPolicies, snapshot.KubernetesGateways, snapshot.HTTPRoutes, snapshot.GRPCRoutes),
	}
}

// validated are the kinds that Istio validates.
func validated() []snapshot.Part {
	return []snapshot.Part{
		snapshot.VirtualServices, snapshot.DestinationRules, snapshot.Gateways, snapshot.ServiceEntries, snapshot.Sidecars, snapshot.WorkloadEntries,
		snapshot.WorkloadGroups, snapshot.EnvoyFilters, snapshot.ProxyConfigs, snapshot.AuthorizationPolicies, snapshot.PeerAuthentications,
		snapshot.RequestAuths, snapshot.Telemetries, snapshot.WasmPlugins, snapshot.TrafficExtensions,
	}
}
