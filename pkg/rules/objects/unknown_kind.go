package objects

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	own "github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownKind() *rule.Rule {
	return &rule.Rule{
		ID: "DOC015", Name: "unknown-object-kind", Category: category, Severity: finding.Error,
		Stages: []rule.Stage{rule.Analyze}, Needs: []snapshot.Part{snapshot.Documents},
		Summary: "An object in a file has a kind or an apiVersion that Istio does not have, or lacks one of the two.",
		Why:     "The API server refuses it, and nothing of it was looked at here.",
		Fix:     "Write the kind and the apiVersion as Istio's API has them.",
		Run: func(p *rule.Pass) {
			k := newKinds()
			for _, d := range p.Documents {
				for _, o := range append(d.Root.Field("items").Items(), d.Root) {
					k.judge(p, o)
				}
			}
			p.Lookedf("%s, of kinds that there are", finding.Count(len(p.Origins), "object"))
		},
	}
}

// kinds are those of which meshctl reads objects.
type kinds struct {
	all   map[schema.GroupKind]snapshot.Kind
	names map[string][]snapshot.Kind
}

func newKinds() kinds {
	k := kinds{snapshot.KindsByName(), map[string][]snapshot.Kind{}}
	for _, one := range snapshot.ObjectKinds() {
		k.names[one.Kind] = append(k.names[one.Kind], one)
	}
	return k
}

// judge reports an object that was meant to be one of the mesh.
func (k kinds) judge(p *rule.Pass, o *document.Value) {
	if o == nil || o.Kind != document.Map || slices.ContainsFunc(p.Configs, func(c *snapshot.Config) bool { return c.Root == o }) {
		return
	}
	version, kind := o.Field("apiVersion"), o.Field("kind")
	switch {
	case version == nil && kind != nil && o.Field("metadata") != nil && k.custom(kind.Text):
		p.Reportf(kind.Key(), "apiVersion is missing, want %s", k.names[kind.Text][0].GroupVersion())
	case kind == nil && version != nil && ofMesh(version.Text) && o.Field("metadata") != nil:
		p.Reportf(version.Key(), "kind is missing beside apiVersion %s%s", version.Text, misnamed(o))
	case version != nil && kind != nil:
		k.named(p, version, kind, o.Field("items") != nil)
	}
}

// named judges an object, or a list of objects of one kind.
func (k kinds) named(p *rule.Pass, version, kind *document.Value, list bool) {
	group, name, grouped := strings.Cut(version.Text, "/")
	if !grouped {
		group, name = "", version.Text
	}
	what := kind.Text
	if list {
		what = strings.TrimSuffix(what, "List")
	}
	known, ok := k.all[schema.GroupKind{Group: group, Kind: what}]
	switch {
	case ok && !known.Serves(name):
		p.Reportf(version, "%s has no version %s, want %s", what, name, known.GroupVersion())
	case ok:
	case k.custom(what) && (ofMesh(version.Text) || near(group, k.names[what][0].Group)):
		p.Reportf(version, "%s is no kind of %s, want apiVersion %s", what, cmp.Or(group, version.Text), k.names[what][0].GroupVersion())
	case ofMesh(version.Text):
		if meant := own.Suggest(what, k.of(group)); meant != "" && !slices.Contains(notIstios(), what) {
			p.Reportf(kind, "%s has no kind %s, did you mean %s?", group, kind.Text, meant)
		}
	}
}

// notIstios are kinds of the Gateway API that istiod does not read.
func notIstios() []string {
	return []string{"UDPRoute", "XListenerSet", "XBackendTrafficPolicy", "XMesh"}
}

// custom says whether a kind's name is of one of the mesh's APIs and of no
// other that is known.
func (k kinds) custom(kind string) bool {
	return len(k.names[kind]) > 0 && !slices.ContainsFunc(k.names[kind], func(one snapshot.Kind) bool { return !one.Custom })
}

// of are the kinds of a group.
func (k kinds) of(group string) []string {
	out := map[string]bool{}
	for gk := range k.all {
		if gk.Group == group {
			out[gk.Kind] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// ofMesh knows the groups of Istio and the Gateway API.
func ofMesh(version string) bool {
	group, _, _ := strings.Cut(version, "/")
	return slices.Contains([]string{"networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io", "gateway.networking.k8s.io"}, group)
}

// near says whether a group was probably meant to be another. The kinds of the
// mesh have names that other groups have too, such as Gateway.
func near(group, meant string) bool {
	return own.Suggest(group, []string{meant}) != ""
}

// misnamed names a field that was probably meant to be the kind.
func misnamed(o *document.Value) string {
	for _, f := range o.Fields() {
		if strings.EqualFold(f.Name(), "kind") {
			return ", " + f.Name() + " is another field"
		}
	}
	return ""
}
