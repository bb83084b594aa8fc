package cluster

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestIndexed(t *testing.T) {
	o := &unstructured.Unstructured{}
	err := o.UnmarshalJSON([]byte(`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"other"},
{"name":"discovery","env":[{"name":"A"},{"name":"B]"}],"ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":443,"protocol":"TCP"}]}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		".spec.replicas": "spec.replicas",
		`.spec.template.spec.containers[name="discovery"].image`:                                        "spec.template.spec.containers[discovery].image",
		`.spec.template.spec.containers[name="discovery"].env[name="B]"].value`:                         "spec.template.spec.containers[discovery].env[B]].value",
		`.spec.template.spec.containers[name="discovery"].ports[containerPort=443,protocol="TCP"].name`: "spec.template.spec.containers[discovery].ports[1].name",
		`.spec.template.spec.containers[name="gone"].image`:                                             "spec.template.spec.containers",
		".data.mesh": "data.mesh",
	} {
		if got := indexed(o, field); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
	if !touches([]string{"spec.template.spec.containers[1].env[1].value"}, "spec.template.spec.containers[1].env") || touches([]string{"spec.replicas"}, "spec.rep") {
		t.Error("touches")
	}
}
