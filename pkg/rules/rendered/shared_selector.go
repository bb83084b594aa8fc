package rendered

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func sharedSelector() *rule.Rule {
	return &rule.Rule{
		ID: "MAN012", Name: "shared-selector", Category: category, Severity: finding.Warning,
		Stages: validate(), Needs: needs(),
		Summary: "The Service of one gateway also selects the pods of another gateway in its namespace.",
		Why:     "What comes in by one gateway's address is served by the other's pods too, be they meant for the inside only, and an autoscaler counts both.",
		Fix:     "Give every gateway a label of its own, such as label: {istio: internal}, and let the Gateway resources select it.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for i := range p.Renderings {
				r := &p.Renderings[i]
				if r.Unknown != "" {
					p.Undecidedf("%s", r.Unknown)
					continue
				}
				overlaps(p, r)
			}
		},
	}
}

// gateway is a gateway of a rendering: its Service and the pods behind it.
type gateway struct {
	snapshot.Manifest
	selector labels.Selector
	pods     labels.Set
}

// gateways pairs the Services of gateways with the workloads of their names.
func gateways(r *snapshot.Rendering) []gateway {
	pods := map[string]corev1.PodTemplateSpec{}
	id := func(m snapshot.Manifest) string {
		return m.Component + "/" + m.Object.GetNamespace() + "/" + m.Object.GetName()
	}
	for _, m := range r.Manifests {
		if template, ok := podTemplate(m.Object); ok {
			pods[id(m)] = template
		}
	}
	var out []gateway
	for _, m := range r.Manifests {
		s, ok := service(m.Object)
		template, found := pods[id(m)]
		if ok && found && strings.HasSuffix(m.Component, "Gateways") && len(s.Spec.Selector) > 0 {
			out = append(out, gateway{m, labels.SelectorFromSet(s.Spec.Selector), template.Labels})
		}
	}
	return out
}

// overlaps reports every gateway that shares pods with one before it, once.
func overlaps(p *rule.Pass, r *snapshot.Rendering) {
	all := gateways(r)
	for i, g := range all {
		for _, other := range all[:i] {
			if g.Object.GetNamespace() != other.Object.GetNamespace() || !g.selector.Matches(other.pods) && !other.selector.Matches(g.pods) {
				continue
			}
			report := overlap(g, other)
			at, related := written(r, g), written(r, other)
			if at == nil || related != nil && related.Location().Line > at.Location().Line {
				at, related = related, at
			}
			if at.Placeholder() != "" || related.Placeholder() != "" {
				continue
			}
			f := p.Reportf(r.Locate(at, g.Manifest, "spec.selector"), "%s", report)
			if related != nil {
				f.Related = []finding.Related{{Message: "the other gateway", At: related.Location()}}
			}
			break
		}
	}
}

func overlap(g, other gateway) string {
	from, to := other, g
	what := "and the other way round"
	switch {
	case !other.selector.Matches(g.pods):
		from, to, what = g, other, ""
	case !g.selector.Matches(other.pods):
		what = ""
	}
	if what != "" {
		what = ", " + what
	}
	return fmt.Sprintf("Service %s selects the pods of gateway %s too%s: they have the labels %s; give each gateway a label of its own",
		from.Object.GetName(), to.Object.GetName(), what, from.selector)
}

// written is what the user wrote of a gateway: its label, else its name.
func written(r *snapshot.Rendering, g gateway) *document.Value {
	field := strings.ToLower(g.Component[:1]) + g.Component[1:]
	for _, item := range r.Config.Root.At("spec", "components", field).Items() {
		if item.Str("name") == g.Object.GetName() {
			if label := item.Field("label"); label != nil {
				return label
			}
			return item.Field("name")
		}
	}
	return nil
}
