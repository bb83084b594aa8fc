package files

import (
	"encoding/json"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/document"
)

// decode reads the JSON of an object into its Go type. The specs of Istio's
// kinds are messages, for which their own decoder refuses names of values that
// it does not know; a newer one of the same library passes over them. Where
// that refuses something the former has its say: it knows durations such as 1m.
func decode(text []byte, into any) error {
	spec, ok := message(into)
	if !ok {
		return unmarshal(text, into)
	}
	var parts struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              json.RawMessage `json:"spec"`
		Status            json.RawMessage `json:"status"`
	}
	if err := unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts.Status) > 0 || len(parts.Spec) > 0 && passing.Unmarshal(parts.Spec, spec) != nil {
		proto.Reset(spec)
		return unmarshal(text, into)
	}
	object := reflect.ValueOf(into).Elem()
	object.FieldByName("TypeMeta").Set(reflect.ValueOf(parts.TypeMeta))
	object.FieldByName("ObjectMeta").Set(reflect.ValueOf(parts.ObjectMeta))
	return nil
}

// passing passes over what it does not know.
var passing = protojson.UnmarshalOptions{DiscardUnknown: true}

// decoder reads objects as decode does, in half the time: metadata is the same
// few strings nearly everywhere, and a spec is read straight from its node.
type decoder struct {
	text []byte // of the last value, to be used again
}

// object reads an object; the caller knows its kind and version.
func (d *decoder) object(r document.Raw, into any) error {
	if d.quickly(r, into) {
		return nil
	}
	reflect.ValueOf(into).Elem().SetZero()
	d.text = r.AppendJSON(d.text[:0])
	return decode(d.text, into)
}

func (d *decoder) quickly(r document.Raw, into any) bool {
	meta, ok := objectMeta(into)
	if !ok || !metadata(r.Field("metadata"), meta) {
		return false
	}
	read := []string{"apiVersion", "kind", "metadata"}
	if spec, ok := message(into); ok {
		if !d.message(r.Field("spec"), spec) {
			return false
		}
		read = append(read, "spec")
	}
	d.text = r.AppendJSON(d.text[:0], read...)
	return string(d.text) == "{}" || unmarshal(d.text, into) == nil
}

// message reads a spec; none is an empty one.
func (d *decoder) message(r document.Raw, into proto.Message) bool {
	if r.IsZero() {
		return true
	}
	d.text = r.AppendJSON(d.text[:0])
	return passing.Unmarshal(d.text, into) == nil
}

func objectMeta(of any) (*metav1.ObjectMeta, bool) {
	object, ok := of.(metav1.ObjectMetaAccessor)
	if !ok {
		return nil, false
	}
	meta, ok := object.GetObjectMeta().(*metav1.ObjectMeta)
	return meta, ok
}

// metadata reads what nearly all objects have; false where there is more.
func metadata(r document.Raw, into *metav1.ObjectMeta) bool {
	for name, value := range r.Fields() {
		ok := false
		switch name {
		case "name":
			into.Name, ok = value.Text()
		case "namespace":
			into.Namespace, ok = value.Text()
		case "labels":
			into.Labels, ok = value.Texts()
		case "annotations":
			into.Annotations, ok = value.Texts()
		}
		if !ok {
			return false
		}
	}
	return !r.IsZero()
}

// message is the spec of an object, if it is one of Istio's kinds.
func message(into any) (proto.Message, bool) {
	object := reflect.ValueOf(into).Elem()
	if object.Kind() != reflect.Struct {
		return nil, false
	}
	spec := object.FieldByName("Spec")
	if !spec.IsValid() || !spec.CanAddr() {
		return nil, false
	}
	m, ok := spec.Addr().Interface().(proto.Message)
	return m, ok
}

func unmarshal(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	return nil
}
