package live

import (
	"cmp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func meshConfigDrift() *rule.Rule {
	return &rule.Rule{
		ID: "POST004", Name: "mesh-config-drift", Category: "Mesh config", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Live},
		Summary: "The mesh config in the cluster differs from the rendered one, or has fields that this Istio minor does not know.",
		Why:     "istiod ignores a field that it does not know, and over one value that it cannot read it drops the whole mesh config at its next restart, with a line in its log only.",
		Fix:     "Correct the field, or apply the rendered mesh config again with `meshctl install` and the same -f and --set.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, m := range p.Rendered {
				want, isMesh, _ := unstructured.NestedString(m.Object.Object, "data", "mesh")
				state := p.Live[snapshot.KeyOf(m.Object)]
				live := state.Object
				if !isMesh {
					continue
				}
				if live == nil {
					p.Undecidedf("%s: %s", snapshot.KeyOf(m.Object), cmp.Or(state.Unknown, "is missing")) // POST001 reports it
					continue
				}
				looked++
				have, _, _ := unstructured.NestedString(live.Object, "data", "mesh")
				compareMesh(p, live, want, have)
			}
			if looked == 0 {
				p.Undecidedf("the installation has no mesh config")
			}
			p.Lookedf("mesh config as rendered in %s", finding.Count(looked, "place"))
		},
	}
}

func compareMesh(p *rule.Pass, o *unstructured.Unstructured, want, have string) {
	at := snapshot.Place(o, "data.mesh")
	live := parse(have)
	if live == nil {
		p.Reportf(at, "the mesh config is empty or not valid YAML").Severity = finding.Error
		return
	}
	mistyped := false
	for _, issue := range schema.Check(live, facts.MeshConfig, p.Target.Istio) {
		if issue.Class == schema.Unknown || issue.Class == schema.WrongType {
			p.Reportf(at, "mesh config: %s", issue.Message).Severity = finding.Error
			mistyped = mistyped || issue.Class == schema.WrongType
		}
	}
	if _, err := loaded(have); err != nil && !mistyped {
		p.Reportf(at, "mesh config: istiod refuses all of it: %s", oneLine(err.Error())).Severity = finding.Error
	}
	if diff := differences("", parse(want), live); len(diff) > 0 {
		p.Reportf(at, "mesh config differs from the rendered one in %s", strings.Join(diff, ", "))
	}
}

func parse(text string) *document.Value {
	docs := document.Parse("mesh", []byte(text))
	if len(docs) != 1 || len(docs[0].Problems) > 0 {
		return nil
	}
	return docs[0].Root
}

// differences names the fields, as deep as both sides are maps.
func differences(path string, a, b *document.Value) []string {
	if a != nil && b != nil && a.Kind == document.Map && b.Kind == document.Map {
		var out []string
		for _, f := range a.Fields() {
			out = append(out, differences(join(path, f.Name()), f, b.Field(f.Name()))...)
		}
		for _, f := range b.Fields() {
			if a.Field(f.Name()) == nil {
				out = append(out, join(path, f.Name()))
			}
		}
		return out
	}
	left, errA := a.JSON()
	right, errB := b.JSON()
	if errA == nil && errB == nil && string(left) == string(right) {
		return nil
	}
	return []string{path}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
