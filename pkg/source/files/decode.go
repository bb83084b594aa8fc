package files

import (
	"encoding/json"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// decode reads the JSON of an object into its Go type. The specs of Istio's
// kinds are messages, for which their own decoder takes twice as long as the
// newer one of the same library. Where that refuses something the former has
// its say: it knows durations such as 1m.
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
	if len(parts.Status) > 0 || len(parts.Spec) > 0 && (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(parts.Spec, spec) != nil {
		proto.Reset(spec)
		return unmarshal(text, into)
	}
	object := reflect.ValueOf(into).Elem()
	object.FieldByName("TypeMeta").Set(reflect.ValueOf(parts.TypeMeta))
	object.FieldByName("ObjectMeta").Set(reflect.ValueOf(parts.ObjectMeta))
	return nil
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
