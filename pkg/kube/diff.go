package kube

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/secret"
)

// Difference is one field that is not the same in two versions of an object.
// A missing field is "".
type Difference struct{ Path, Old, New string }

// Diff compares two versions of an object, without what the server keeps for
// itself: status, managed fields, resource version and generation. The data
// of Secrets is masked, and so are passwords, keys and tokens elsewhere.
func Diff(old, new *unstructured.Unstructured) []Difference {
	d := differ{masked: new.GetKind() == "Secret"}
	d.compare("", secret.Plain, own(old), own(new))
	return d.found
}

// DiffInside is Diff that also looks into texts of several lines: of YAML and
// JSON it names the fields, of others the first and last line that differ.
func DiffInside(old, new *unstructured.Unstructured) []Difference {
	d := differ{masked: new.GetKind() == "Secret", inside: true}
	d.compare("", secret.Plain, own(old), own(new))
	return d.found
}

// DiffValues is DiffInside for the values of a chart, named below a path.
func DiffValues(path string, old, new map[string]any) []Difference {
	d := differ{inside: true}
	d.compare(path, secret.Plain, old, new)
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

// hidden stands for a value that is not shown.
const hidden = "(secret)"

type differ struct {
	masked, inside bool
	found          []Difference
}

func (d *differ) compare(path string, class secret.Class, old, new any) {
	if reflect.DeepEqual(old, new) {
		return
	}
	oldMap, okOld := old.(map[string]any)
	newMap, okNew := new.(map[string]any)
	if okOld && okNew {
		for _, key := range keys(oldMap, newMap) {
			d.compare(join(path, key), classOf(key, oldMap, newMap), oldMap[key], newMap[key])
		}
		return
	}
	oldList, okOld := old.([]any)
	newList, okNew := new.([]any)
	if okOld && okNew && d.lists(path, class, oldList, newList) {
		return
	}
	oldText, okOld := old.(string)
	newText, okNew := new.(string)
	if okOld && okNew && d.inside && !d.masked && d.texts(path, class, oldText, newText) {
		return
	}
	d.found = append(d.found, Difference{path, d.show(path, class, old), d.show(path, class, new)})
}

// classOf says what the name of a field tells about its value. That of an
// environment variable or a header stands beside the value.
func classOf(key string, versions ...map[string]any) secret.Class {
	class := secret.ClassOf(key)
	if key == "value" {
		for _, v := range versions {
			name, _ := v["name"].(string)
			class = max(class, secret.ClassOf(name))
		}
	}
	return class
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

func (d *differ) show(path string, class secret.Class, v any) string {
	switch {
	case v == nil:
		return ""
	case d.masked && secretPath(path):
		return hidden
	}
	s, ok := v.(string)
	if !ok {
		text, err := json.Marshal(withoutSecrets(v, class))
		if err != nil {
			text = fmt.Append(nil, v)
		}
		s = string(text)
	}
	if class.Holds(s) {
		return hidden
	}
	return strings.Join(secret.Lines(s), "\n")
}
