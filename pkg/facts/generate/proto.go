package main

import (
	"reflect"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// protoFields lists the fields of a message and of the messages of its own
// package below it. Fields of other packages' messages are left to their
// types, and a field in skip to a surface of its own.
type protoFields struct {
	out found
	// jsonNames says that paths have the JSON names of the fields; else they
	// have those of the proto, and the JSON name is an alias.
	jsonNames bool
	pkg       protoreflect.FullName
	skip      string
	comments  comments
}

func (p protoFields) walk(d protoreflect.MessageDescriptor, path, alias string, seen []protoreflect.FullName) {
	for _, s := range seen {
		if s == d.FullName() {
			return
		}
	}
	seen = append(seen, d.FullName())
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		name, other := string(f.Name()), f.JSONName()
		if p.jsonNames || strings.Contains(other, "-") {
			name = other // the charts know only the name with a dash
		}
		p.field(f, path+name, alias+other, seen)
	}
}

func (p protoFields) field(f protoreflect.FieldDescriptor, path, alias string, seen []protoreflect.FullName) {
	of := f
	switch {
	case f.IsMap():
		of, path, alias = f.MapValue(), path+".*", alias+".*"
	case f.IsList():
		path, alias = path+"[]", alias+"[]"
	}
	e := evidence{kind: p.kind(of), deprecated: deprecatedField(f), comment: p.comments.of(f.Parent().FullName(), f.JSONName())}
	if alias != path {
		e.alias = alias
	}
	p.out[path] = e
	if of.Kind() == protoreflect.MessageKind && of.Message().ParentFile().Package() == p.pkg && string(f.Name()) != p.skip {
		p.walk(of.Message(), path+".", alias+".", seen)
	}
}

// kind names a type as the proto file does: by its last name in its own
// package, by the whole name elsewhere.
func (p protoFields) kind(f protoreflect.FieldDescriptor) string {
	var d protoreflect.Descriptor
	switch f.Kind() {
	case protoreflect.MessageKind:
		d = f.Message()
	case protoreflect.EnumKind:
		d = f.Enum()
	default:
		return f.Kind().String()
	}
	if d.ParentFile().Package() == p.pkg {
		return string(d.Name())
	}
	return string(d.FullName())
}

func deprecatedField(f protoreflect.FieldDescriptor) bool {
	o, ok := f.Options().(*descriptorpb.FieldOptions)
	return ok && o.GetDeprecated()
}

// goFields lists the fields of a Go type as encoding/json sees them.
func goFields(out found, t reflect.Type, path string, c comments) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() != specPackage {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			goFields(out, f.Type, path, c)
		case name == "" || name == "-":
		case f.Type.Kind() == reflect.Slice && f.Type.Name() == "":
			out[path+name+"[]"] = evidence{kind: goKind(f.Type), comment: c[specComments+"."+t.Name()][name]}
			goFields(out, f.Type, path+name+"[].", c)
		default:
			out[path+name] = evidence{kind: goKind(f.Type), comment: c[specComments+"."+t.Name()][name]}
			goFields(out, f.Type, path+name+".", c)
		}
	}
}

// The Go package of the spec, and the proto package that it shares.
const (
	specPackage  = "istio.io/istio/operator/pkg/apis"
	specComments = "istio.operator.v1alpha1"
)

// goKind prints a type with the names that Istio's source gives to the
// packages of Kubernetes.
func goKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + goKind(t.Elem())
	case reflect.Slice:
		if t.Name() == "" {
			return "[]" + goKind(t.Elem())
		}
	case reflect.Interface:
		return "any"
	}
	short := map[string]string{
		"k8s.io/api/core/v1": "corev1.", "k8s.io/api/apps/v1": "appsv1.", "k8s.io/api/autoscaling/v2": "autoscaling.",
		"k8s.io/api/policy/v1": "policy.", "encoding/json": "json.", specPackage: "",
	}
	if prefix, ok := short[t.PkgPath()]; ok && t.Name() != "" {
		return prefix + t.Name()
	}
	return t.String()
}
