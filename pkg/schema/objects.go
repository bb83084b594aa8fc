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
// types, as the API server has them: case counts, and messages have the names
// of JSON only.
type ObjectFields struct {
	types    map[reflect.Type]*document.Fields
	messages map[protoreflect.FullName]*document.Fields
}

// NewObjectFields returns one that knows no type yet.
func NewObjectFields() *ObjectFields {
	return &ObjectFields{map[reflect.Type]*document.Fields{}, map[protoreflect.FullName]*document.Fields{}}
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
	return &document.Fields{Known: known}
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
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		out.Each = o.ofType(t.Elem())
	case t.Kind() == reflect.Struct && !oneValue(t):
		out.Known = map[string]*document.Fields{}
		o.addFields(out.Known, t)
	}
	return out
}

// isMessage tells Istio's messages from Kubernetes' types, which have methods
// of an older kind of message.
func isMessage(t reflect.Type) bool { return strings.HasPrefix(t.PkgPath(), "istio.io/") }

// oneValue knows structs that are written as one value, or hold anything.
func oneValue(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
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
	if strings.HasPrefix(string(m.FullName()), "google.protobuf.") {
		return out // with a form of its own in JSON
	}
	out.Known = map[string]*document.Fields{}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		out.Known[field.JSONName()] = o.ofField(field)
		if other := secondName(field.FullName()); other != "" {
			out.Known[other] = nil
		}
	}
	return out
}

func (o *ObjectFields) ofField(field protoreflect.FieldDescriptor) *document.Fields {
	value := field
	if field.IsMap() {
		value = field.MapValue()
	}
	if value.Message() == nil {
		return nil
	}
	below := o.ofMessage(value.Message())
	if field.IsMap() || field.IsList() {
		return &document.Fields{Each: below}
	}
	return below
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
