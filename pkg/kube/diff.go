package kube

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Difference is one field that is not the same in two versions of an object.
// A missing field is "".
type Difference struct{ Path, Old, New string }

// Diff compares two versions of an object, without what the server keeps for
// itself: status, managed fields, resource version and generation. The data
// of Secrets is masked.
func Diff(old, new *unstructured.Unstructured) []Difference {
	d := differ{masked: new.GetKind() == "Secret"}
	d.compare("", own(old), own(new))
	return d.found
}

func own(o *unstructured.Unstructured) map[string]any {
	c := o.DeepCopy()
	delete(c.Object, "status")
	for _, f := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"} {
		unstructured.RemoveNestedField(c.Object, "metadata", f)
	}
	return c.Object
}

type differ struct {
	masked bool
	found  []Difference
}

func (d *differ) compare(path string, old, new any) {
	if reflect.DeepEqual(old, new) {
		return
	}
	oldMap, okOld := old.(map[string]any)
	newMap, okNew := new.(map[string]any)
	if okOld && okNew {
		for _, key := range keys(oldMap, newMap) {
			d.compare(join(path, key), oldMap[key], newMap[key])
		}
		return
	}
	oldList, okOld := old.([]any)
	newList, okNew := new.([]any)
	if okOld && okNew && len(oldList) == len(newList) {
		for i := range oldList {
			d.compare(path+"["+strconv.Itoa(i)+"]", oldList[i], newList[i])
		}
		return
	}
	d.found = append(d.found, Difference{path, d.show(path, old), d.show(path, new)})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func keys(a, b map[string]any) []string {
	var out []string
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

// secretPath covers the annotation in which kubectl keeps a copy of the data.
func secretPath(path string) bool {
	for _, p := range []string{"data", "stringData", "metadata.annotations"} {
		if path == p || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return false
}

func (d *differ) show(path string, v any) string {
	switch {
	case v == nil:
		return ""
	case d.masked && secretPath(path):
		return "(secret)"
	}
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
