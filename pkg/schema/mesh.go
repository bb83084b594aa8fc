package schema

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	meshconfig "istio.io/api/mesh/v1alpha1"

	"github.com/meshctl/meshctl/pkg/facts"
)

// meshTree joins the linked MeshConfig type with the table: the type knows
// every field, enum and nested message of the newest minor, the table knows
// since when a field exists and which ones are gone.
func meshTree() *node {
	root := message((&meshconfig.MeshConfig{}).ProtoReflect().Descriptor(), nil)
	overlay(root, tree(facts.MeshConfig))
	if proxy, ok := root.child("defaultConfig"); ok {
		overlay(proxy, tree(facts.ProxyConfig))
	}
	return root
}

func message(d protoreflect.MessageDescriptor, seen []protoreflect.FullName) *node {
	if n, known := wellKnown(d.FullName()); known {
		return n
	}
	for _, s := range seen {
		if s == d.FullName() {
			return &node{} // a recursive message is not looked into again
		}
	}
	seen = append(seen, d.FullName())
	n := &node{shape: object, fields: map[string]*node{}, aliases: map[string]string{}, message: string(d.FullName())}
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		n.fields[f.JSONName()] = field(f, seen)
		if proto := string(f.Name()); proto != f.JSONName() {
			n.aliases[proto] = f.JSONName()
		}
	}
	return n
}

func wellKnown(name protoreflect.FullName) (*node, bool) {
	switch name {
	case "google.protobuf.Duration":
		return &node{shape: duration}, true
	case "google.protobuf.BoolValue":
		return &node{shape: boolean}, true
	case "google.protobuf.StringValue":
		return &node{shape: text}, true
	case "google.protobuf.Struct":
		return &node{shape: dict}, true
	case "google.protobuf.Int32Value", "google.protobuf.Int64Value", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
		return &node{shape: integer}, true
	case "google.protobuf.DoubleValue", "google.protobuf.FloatValue":
		return &node{shape: number}, true
	case "google.protobuf.Value", "google.protobuf.Any":
		return &node{}, true
	}
	return nil, false
}

func field(f protoreflect.FieldDescriptor, seen []protoreflect.FullName) *node {
	switch {
	case f.IsMap():
		return &node{shape: dict, elem: single(f.MapValue(), seen)}
	case f.IsList():
		return &node{shape: list, elem: single(f, seen)}
	default:
		return single(f, seen)
	}
}

func single(f protoreflect.FieldDescriptor, seen []protoreflect.FullName) *node {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return message(f.Message(), seen)
	case protoreflect.EnumKind:
		n := &node{shape: text, numbers: true}
		for i := range f.Enum().Values().Len() {
			n.enum = append(n.enum, string(f.Enum().Values().Get(i).Name()))
		}
		return n
	case protoreflect.BoolKind:
		return &node{shape: boolean}
	case protoreflect.StringKind, protoreflect.BytesKind:
		return &node{shape: text}
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return &node{shape: number}
	default:
		return &node{shape: integer}
	}
}

// overlay copies the table's knowledge onto the type's tree and adds the
// fields that the type no longer has. Only live fields keep the type's shape.
func overlay(onto, from *node) {
	onto.fact = from.fact
	for name, f := range from.fields {
		existing, ok := onto.child(name)
		switch {
		case ok:
			overlay(existing, f)
		case onto.shape == object:
			onto.fields[name] = f
		}
	}
	if onto.elem != nil && from.elem != nil {
		overlay(onto.elem, from.elem)
	}
}
