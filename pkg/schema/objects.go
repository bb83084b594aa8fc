package schema

import (
	"encoding/json"
	"reflect"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/meshctl/meshctl/pkg/document"
)

// ObjectFields knows the fields of Kubernetes' and Istio's objects by their Go
// types, and what values they take, as the API server has them: case counts,
// and messages have the names of JSON only.
type ObjectFields struct {
	types    map[reflect.Type]*document.Fields
	messages map[protoreflect.FullName]*document.Fields
	enums    map[protoreflect.FullName]*document.Fields
}

// NewObjectFields returns one that knows no type yet.
func NewObjectFields() *ObjectFields {
	return &ObjectFields{map[reflect.Type]*document.Fields{}, map[protoreflect.FullName]*document.Fields{}, map[protoreflect.FullName]*document.Fields{}}
}

// Of are the fields of a type. What a status holds is not looked at: applying
// a file does not set it.
func (o *ObjectFields) Of(t reflect.Type) *document.Fields {
	fields := *o.ofType(t)
	known := map[string]*document.Fields{"status": nil}
	for name, below := range fields.Known {
		if name != "status" {
			known[name] = below
		}
	}
	return &document.Fields{Known: known, Form: document.Object}
}

func (o *ObjectFields) ofType(t reflect.Type) *document.Fields {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if found, ok := o.types[t]; ok {
		return found
	}
	if m, ok := reflect.New(t).Interface().(proto.Message); ok && t.Kind() == reflect.Struct && isMessage(t) {
		return o.ofMessage(m.ProtoReflect().Descriptor())
	}
	out := &document.Fields{}
	o.types[t] = out // before it is complete, because types hold themselves
	switch {
	case oneValue(t):
		special(out, t)
	case t.Kind() == reflect.Slice:
		out.Form, out.Each = document.Array, o.ofType(t.Elem())
	case t.Kind() == reflect.Map:
		out.Form, out.Each = document.Object, o.ofType(t.Elem())
	case t.Kind() == reflect.Struct:
		out.Form, out.Known = document.Object, map[string]*document.Fields{}
		o.addFields(out.Known, t)
	default:
		plainForm(out, t)
	}
	return out
}

// isMessage tells Istio's messages from Kubernetes' types, which have methods
// of an older kind of message.
func isMessage(t reflect.Type) bool { return strings.HasPrefix(t.PkgPath(), "istio.io/") }

// oneValue knows types that are written as one value, or hold anything.
func oneValue(t reflect.Type) bool {
	return t == reflect.TypeFor[[]byte]() || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}

func (o *ObjectFields) addFields(known map[string]*document.Fields, t reflect.Type) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && (field.Anonymous || strings.Contains(options, "inline")):
			o.addFields(known, field.Type)
		case name == "":
			known[field.Name] = o.ofType(field.Type)
		default:
			known[name] = o.ofType(field.Type)
		}
	}
}

// ofMessage are the fields of a message in JSON.
func (o *ObjectFields) ofMessage(m protoreflect.MessageDescriptor) *document.Fields {
	if found, ok := o.messages[m.FullName()]; ok {
		return found
	}
	out := &document.Fields{}
	o.messages[m.FullName()] = out
	if m.ParentFile().Package() == "google.protobuf" {
		knownForm(out, m)
		return out // with a form of its own in JSON
	}
	out.Form, out.Known = document.Object, map[string]*document.Fields{}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		out.Known[field.JSONName()] = o.ofField(field)
		if other := secondName(field.FullName()); other != "" {
			out.Known[other] = nil
		}
		if group := field.ContainingOneof(); group != nil && !group.IsSynthetic() {
			if out.OneOf == nil {
				out.OneOf = map[string]string{}
			}
			out.OneOf[field.JSONName()] = string(group.Name())
		}
	}
	return out
}

func (o *ObjectFields) ofField(field protoreflect.FieldDescriptor) *document.Fields {
	switch {
	case field.IsMap():
		return &document.Fields{Form: document.Object, Each: o.ofValue(field.MapValue())}
	case field.IsList():
		return &document.Fields{Form: document.Array, Each: o.ofValue(field)}
	}
	return o.ofValue(field)
}

func (o *ObjectFields) ofValue(field protoreflect.FieldDescriptor) *document.Fields {
	switch {
	case field.Message() != nil:
		return o.ofMessage(field.Message())
	case field.Enum() != nil:
		return o.ofEnum(field.Enum())
	}
	out := &document.Fields{}
	protoScalar(out, field.Kind())
	return out
}

// ofEnum are the names of an enum. Decoders take its numbers as well, which
// the API server refuses.
func (o *ObjectFields) ofEnum(e protoreflect.EnumDescriptor) *document.Fields {
	if found, ok := o.enums[e.FullName()]; ok {
		return found
	}
	var names []string
	for i := range e.Values().Len() {
		names = append(names, string(e.Values().Get(i).Name()))
	}
	out := &document.Fields{}
	named(out, names)
	o.enums[e.FullName()] = out
	return out
}

// secondName is the second name that Istio's CRDs have for a few fields.
func secondName(field protoreflect.FullName) string {
	switch field {
	case "istio.networking.v1alpha3.HTTPRoute.mirror_percent":
		return "mirror_percent"
	case "istio.security.v1beta1.JWTRule.jwks_uri":
		return "jwks_uri"
	}
	return ""
}
