package snapshot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestSecretsKeepNoValues(t *testing.T) {
	const text = `{"metadata":{"name":"shop-cert","namespace":"shop","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"aHVudGVyMg==","meshctl.io/ignore":"GWY001: not yet"}},
		"data":{"tls.key":"aHVudGVyMg==","empty":""},"stringData":{"ca.crt":"hunter2"}}`
	var objects snapshot.Objects
	k := snapshot.KindsByName()[schema.GroupKind{Kind: "Secret"}]
	if _, err := k.Add(&objects, func(into any) error { return json.Unmarshal([]byte(text), into) }); err != nil || !k.Sealed {
		t.Fatal(err, k.Sealed)
	}
	s := objects.Secrets[0]
	if got := fmt.Sprintf("%s %v", s.Data, s); strings.Contains(got, "hunter2") || strings.Contains(got, "aHVudGVyMg") {
		t.Errorf("the value is kept: %s", got)
	}
	if _, there := s.Data["tls.key"]; !there || len(s.Data) != 2 {
		t.Errorf("entries %v, want tls.key and ca.crt", s.Data)
	}
	if len(s.Annotations) != 1 || s.Annotations["meshctl.io/ignore"] != "GWY001: not yet" {
		t.Errorf("annotations %v", s.Annotations)
	}
}
