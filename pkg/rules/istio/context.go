package istio

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/analysis"
	"istio.io/istio/pkg/config/analysis/diag"
	"istio.io/istio/pkg/config/resource"
	"istio.io/istio/pkg/config/schema/collections"
	kinds "istio.io/istio/pkg/config/schema/gvk"
	schema "istio.io/istio/pkg/config/schema/resource"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// picture shows a snapshot to Istio's analyzers.
type picture struct {
	snap      *snapshot.Snapshot
	kinds     map[config.GroupVersionKind]kind
	instances map[config.GroupVersionKind][]*resource.Instance
	said      map[string][]diag.Message // by code
}

// kind is one of the snapshot's lists with Istio's schema for it.
type kind struct {
	snapshot.Kind
	schema schema.Schema
}

var _ analysis.Context = (*picture)(nil)

func newPicture(s *snapshot.Snapshot) *picture {
	p := &picture{s, map[config.GroupVersionKind]kind{}, map[config.GroupVersionKind][]*resource.Instance{}, map[string][]diag.Message{}}
	for _, k := range snapshot.ObjectKinds() {
		found, ok := collections.All.FindByGroupVersionAliasesKind(config.GroupVersionKind{Group: k.Group, Version: k.Version, Kind: k.GroupVersionKind.Kind})
		if ok {
			p.kinds[found.GroupVersionKind()] = kind{k, found}
		}
	}
	return p
}

// Report is called by an analyzer.
func (p *picture) Report(_ config.GroupVersionKind, m diag.Message) {
	if m.Resource != nil {
		p.said[m.Type.Code()] = append(p.said[m.Type.Code()], m)
	}
}

// Find looks an object up.
func (p *picture) Find(gvk config.GroupVersionKind, name resource.FullName) *resource.Instance {
	for _, i := range p.of(gvk) {
		if i.Metadata.FullName == name {
			return i
		}
	}
	return nil
}

// Exists says whether an object is there.
func (p *picture) Exists(gvk config.GroupVersionKind, name resource.FullName) bool {
	return p.Find(gvk, name) != nil
}

// ForEach visits the objects of a kind; none of a kind that is not read.
func (p *picture) ForEach(gvk config.GroupVersionKind, visit analysis.IteratorFn) {
	for _, i := range p.of(gvk) {
		if !visit(i) {
			return
		}
	}
}

// Canceled is false: the engine stops between rules.
func (p *picture) Canceled() bool { return false }

// SetAnalyzer names the analyzer that runs; messages carry their code.
func (p *picture) SetAnalyzer(string) {}

// of are the objects of a kind as Istio sees them, made once.
func (p *picture) of(gvk config.GroupVersionKind) []*resource.Instance {
	if list, ok := p.instances[gvk]; ok {
		return list
	}
	var out []*resource.Instance
	if gvk == kinds.MeshConfig {
		out = append(out, &resource.Instance{Message: mesh.Of(p.snap).Config})
	}
	if k, ok := p.kinds[gvk]; ok {
		k.Each(&p.snap.Objects, func(o snapshot.Object) bool {
			if message := messageOf(o, k.schema); message != nil {
				out = append(out, instance(o, k.schema, own(message)))
			}
			return true
		})
	}
	p.instances[gvk] = out
	return out
}

// own is a content that an analyzer may write to: hosts of Gateways with a
// namespace are completed in place, while other rules read the same objects.
func own(message config.Spec) config.Spec {
	g, ok := message.(*networking.Gateway)
	if !ok || !slices.ContainsFunc(g.Servers, func(s *networking.Server) bool { return strings.Contains(strings.Join(s.GetHosts(), ""), "/") }) {
		return message
	}
	return g.DeepCopy()
}

func instance(o snapshot.Object, s schema.Schema, message config.Spec) *resource.Instance {
	i := &resource.Instance{
		Metadata: resource.Metadata{
			Schema:     s,
			FullName:   resource.FullName{Namespace: resource.Namespace(o.GetNamespace()), Name: resource.LocalName(o.GetName())},
			CreateTime: o.GetCreationTimestamp().Time, Version: resource.Version(o.GetResourceVersion()), Generation: o.GetGeneration(),
			Labels: o.GetLabels(), Annotations: o.GetAnnotations(),
		},
		Message: message,
		Origin:  &origin{object: o, schema: s},
	}
	if status := reflect.ValueOf(o).Elem().FieldByName("Status"); status.IsValid() && status.CanAddr() {
		i.Status = status.Addr().Interface()
	}
	return i
}

// messageOf is what Istio's schema makes the content of an object: its spec,
// or the whole of it.
func messageOf(o snapshot.Object, s schema.Schema) config.Spec {
	want, err := s.NewInstance()
	if err != nil {
		return nil
	}
	if reflect.TypeOf(o) == reflect.TypeOf(want) {
		return o
	}
	spec := reflect.ValueOf(o).Elem().FieldByName("Spec")
	if !spec.IsValid() || spec.Addr().Type() != reflect.TypeOf(want) {
		return nil
	}
	return spec.Addr().Interface()
}

// origin says where an object comes from.
type origin struct {
	object snapshot.Object
	schema schema.Schema
	// Once a message has asked:
	fields map[string]int
	paths  []string
	values []*document.Value
}

func (o *origin) FriendlyName() string          { return snapshot.KeyOf(o.object).String() }
func (o *origin) Comparator() string            { return o.FriendlyName() }
func (o *origin) Namespace() resource.Namespace { return resource.Namespace(o.object.GetNamespace()) }
func (o *origin) Reference() resource.Reference { return nil }
func (o *origin) ClusterName() cluster.ID       { return "" }

// FieldMap gives every path in an object a number, where Istio wants its line:
// it comes back in the message. It is made for objects with a message only, and
// once, since one may have thousands.
func (o *origin) FieldMap() map[string]int {
	if o.fields == nil {
		o.fields = map[string]int{}
		o.values = values(o.object)
		for i, v := range o.values {
			o.paths = append(o.paths, v.Path())
			o.fields["{."+dotted(v)+"}"] = i + 1
		}
	}
	return o.fields
}

// path is that with the number that a message brought back.
func (o *origin) path(number int) string {
	if number > 0 && number <= len(o.paths) {
		return o.paths[number-1]
	}
	return ""
}

// values are all values of an object, in the order of their names.
func values(o snapshot.Object) []*document.Value {
	text, err := json.Marshal(o)
	if err != nil {
		return nil
	}
	var out []*document.Value
	var walk func(*document.Value)
	walk = func(v *document.Value) {
		out = append(out, v)
		for _, f := range append(v.Fields(), v.Items()...) {
			walk(f)
		}
	}
	for _, d := range document.Parse("", text) {
		walk(d.Root)
	}
	return out
}

// dotted is the path of a value as Istio writes it: no quotes around names.
func dotted(v *document.Value) string {
	parent := v.Parent()
	switch {
	case parent == nil:
		return ""
	case parent.Kind == document.List:
		for i, item := range parent.Items() {
			if item == v {
				return dotted(parent) + "[" + strconv.Itoa(i) + "]"
			}
		}
	case parent.Parent() == nil:
		return v.Name()
	}
	return dotted(parent) + "." + v.Name()
}
