package main

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	meshconfig "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/facts"
)

// describe makes the table of descriptions anew: by path for the spec, the
// values and the charts, by message for mesh config, whose messages stand in
// many places.
func describe(file string, in map[facts.Surface]found, c comments) *table {
	t := &table{file: file, header: "owner\tfield\ttext"}
	for s, fields := range in {
		if s == facts.MeshConfig || s == facts.ProxyConfig {
			continue
		}
		for path, e := range fields {
			t.describe(string(s), facts.DescribedAs(s, path), e.comment)
		}
	}
	seen := map[protoreflect.FullName]bool{}
	t.messages((&meshconfig.MeshConfig{}).ProtoReflect().Descriptor(), c, seen)
	t.messages((&meshconfig.Network{}).ProtoReflect().Descriptor(), c, seen)
	slices.SortFunc(t.rows, slices.Compare[[]string])
	t.rows = slices.CompactFunc(t.rows, func(a, b []string) bool { return slices.Equal(a[:2], b[:2]) })
	return t
}

func (t *table) describe(owner, field, text string) {
	if text != "" {
		t.rows = append(t.rows, []string{owner, field, text})
	}
}

func (t *table) messages(d protoreflect.MessageDescriptor, c comments, seen map[protoreflect.FullName]bool) {
	if seen[d.FullName()] || !strings.HasPrefix(string(d.FullName()), "istio.") {
		return
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		t.describe(string(d.FullName()), f.JSONName(), c.of(d.FullName(), f.JSONName()))
		if f.IsMap() {
			f = f.MapValue()
		}
		if f.Kind() == protoreflect.MessageKind {
			t.messages(f.Message(), c, seen)
		}
	}
}
