package snapshot_test

import (
	"reflect"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestOverlay wants files that have nothing to do with a cluster to leave all
// that was read of it.
func TestOverlay(t *testing.T) {
	cluster := &snapshot.Snapshot{}
	cluster.Cluster = "west"
	cluster.Provide(snapshot.Identities)
	fill(reflect.ValueOf(cluster).Elem())
	there := service("there")
	cluster.Services = []*corev1.Service{there}

	given := &snapshot.Snapshot{Files: []string{"web.yaml"}, Origins: map[string]snapshot.Origin{"Service/shop/web": {File: "web.yaml"}}}
	given.Services = []*corev1.Service{service("web")}
	given.RefusedValues = []snapshot.RefusedValue{{Reason: "unknown"}}
	over := given.Clone()
	over.Overlay(cluster)

	ofFiles := []string{"Files", "Documents", "Merged", "Others", "Malformed", "UnknownFields", "RefusedValues", "Replaced", "Origins", "Settings", "Overlaid", "Services"}
	same(t, reflect.ValueOf(*over), reflect.ValueOf(*cluster), ofFiles)
	if len(over.Services) != 2 || len(cluster.Services) != 1 || len(given.Services) != 1 || !slices.Equal(over.Files, given.Files) || !slices.Equal(over.RefusedValues, given.RefusedValues) {
		t.Errorf("services %d, %d and %d, files %q", len(over.Services), len(cluster.Services), len(given.Services), over.Files)
	}
	if ok, why := over.Has(snapshot.Identities); !ok {
		t.Error(why)
	}
}

func service(name string) *corev1.Service {
	return &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
}

// fill gives every field that has no value one.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case !f.CanSet() || !f.IsZero():
		case f.Kind() == reflect.Struct && v.Type().Field(i).Type.PkgPath() == reflect.TypeFor[snapshot.Snapshot]().PkgPath():
			fill(f)
		case f.Kind() == reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			if elem := f.Index(0); elem.Kind() == reflect.Pointer {
				elem.Set(reflect.New(elem.Type().Elem()))
			}
		case f.Kind() == reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
		case f.Kind() == reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case f.Kind() == reflect.String:
			f.SetString("x")
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.CanInt():
			f.SetInt(1)
		}
	}
}

func same(t *testing.T, got, want reflect.Value, but []string) {
	t.Helper()
	for i := range got.NumField() {
		field := got.Type().Field(i)
		switch {
		case !field.IsExported() || slices.Contains(but, field.Name):
		case field.Anonymous:
			same(t, got.Field(i), want.Field(i), but)
		case !reflect.DeepEqual(got.Field(i).Interface(), want.Field(i).Interface()):
			t.Errorf("%s is %v, want the cluster's", field.Name, got.Field(i))
		}
	}
}
