package rendered

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func overlayMatchesNothing() *rule.Rule {
	return &rule.Rule{
		ID: "VAL013", Name: "overlay-matches-nothing", Category: category, Severity: finding.Warning,
		Stages: validate(), Needs: needs(),
		Summary: "An overlay names an object or a field that is not rendered, breaks what it patches, or does what a field does.",
		Why:     "Istio ignores an overlay that matches nothing without a word, and applies one that breaks the object.",
		Fix:     "Correct kind, name or path, or use the field of k8s or values that does the same.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for i := range p.Renderings {
				r := &p.Renderings[i]
				for _, c := range overlaid(r.Config) {
					if r.Unknown != "" {
						p.Undecidedf("%s", r.Unknown)
						continue
					}
					for _, o := range c.overlays {
						c.judge(p, r, o)
					}
				}
			}
		},
	}
}

// component is one component of an IstioOperator that has overlays.
type component struct {
	field    string // pilot, ingressGateways
	name     string // of a gateway; "" for the others
	enabled  bool
	overlays []*document.Value
}

// overlaid lists the components that have overlays.
func overlaid(c *snapshot.Config) []component {
	if !c.IsOperator() {
		return nil
	}
	var out []component
	add := func(field, name string, enabled bool, spec *document.Value) {
		if overlays := spec.At("k8s", "overlays").Items(); len(overlays) > 0 {
			out = append(out, component{field, name, enabled, overlays})
		}
	}
	for _, spec := range c.Root.At("spec", "components").Fields() {
		add(spec.Name(), "", c.ComponentEnabled(spec.Name()), spec)
		for _, gateway := range spec.Items() {
			add(spec.Name(), gateway.Str("name"), !gateway.IsFalse("enabled"), gateway)
		}
	}
	return out
}

// title is the name that rendered objects bear of their component.
func (c component) title() string {
	if c.field == "" {
		return ""
	}
	return strings.ToUpper(c.field[:1]) + c.field[1:]
}

// judge looks at one overlay.
func (c component) judge(p *rule.Pass, r *snapshot.Rendering, o *document.Value) {
	for _, at := range []*document.Value{o.Field("kind"), o.Field("name")} {
		if !at.Scalar() || at.Placeholder() != "" {
			return
		}
	}
	if !c.enabled {
		p.Reportf(o.Key(), "component %s is not installed, so this overlay changes nothing", c.field)
		return
	}
	if r.Plain == nil {
		p.Undecidedf("%s does not render without its overlays", r.Config.Name())
		return
	}
	target := c.target(r.Plain, o)
	if target == nil {
		c.missing(p, r, o)
		return
	}
	tree := anyKeys(target.Object).(map[any]any)
	for _, patch := range o.Field("patches").Items() {
		judgePatch(p, c, target, tree, patch)
	}
}

// own says whether an object belongs to this component; of gateways each has
// its own objects, which begin with its name.
func (c component) own(m snapshot.Manifest) bool {
	return m.Component == c.title() && (c.name == "" || strings.HasPrefix(m.Object.GetName(), c.name))
}

func (c component) target(manifests []snapshot.Manifest, o *document.Value) *unstructured.Unstructured {
	for _, m := range manifests {
		if c.own(m) && m.Object.GetKind() == o.Str("kind") && m.Object.GetName() == o.Str("name") {
			return m.Object
		}
	}
	return nil
}

// propose fixes a misspelt word, if it is sure what was meant.
func propose(f *finding.Finding, v *document.Value, meant string, sure bool) {
	if sure {
		f.Propose(v.Replace(meant, document.String), "write %s", meant)
	}
}

// missing says why an overlay finds no object: at its kind where that is the
// fault, else at its name.
func (c component) missing(p *rule.Pass, r *snapshot.Rendering, o *document.Value) {
	kind, name := o.Str("kind"), o.Str("name")
	var kinds, names []string
	for _, m := range r.Plain {
		switch {
		case m.Object.GetKind() == kind && m.Object.GetName() == name:
			p.Reportf(o.Field("name"), "%s %s is rendered by another component (%s), so this overlay changes nothing; move it there", kind, name, m.Component)
			return
		case !c.own(m):
		case m.Object.GetName() == name:
			kinds = append(kinds, m.Object.GetKind())
		case m.Object.GetKind() == kind:
			names = append(names, m.Object.GetName())
		}
	}
	what := fmt.Sprintf("no %s %s is rendered, so this overlay changes nothing", kind, name)
	slices.Sort(names)
	if meant, sure := schema.Meant(kind, kinds); meant != "" {
		propose(p.Reportf(o.Field("kind"), "%s; did you mean kind %q?", what, meant), o.Field("kind"), meant, sure)
		return
	}
	for _, n := range names {
		if revision := r.Config.Revision(); revision != "" && strings.HasSuffix(n, "-"+revision) && strings.HasPrefix(n, name) {
			p.Reportf(o.Field("name"), "%s; with revision %q it is called %s", what, revision, n)
			return
		}
	}
	if meant, sure := schema.Meant(name, slices.Compact(names)); meant != "" {
		propose(p.Reportf(o.Field("name"), "%s; did you mean %q?", what, meant), o.Field("name"), meant, sure)
		return
	}
	if len(names) > 0 {
		what += fmt.Sprintf("; %s of component %s: %s", kind, c.field, strings.Join(slices.Compact(names), ", "))
	}
	p.Reportf(o.Field("name"), "%s", what)
}
