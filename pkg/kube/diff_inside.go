package kube

import (
	"reflect"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/meshctl/meshctl/pkg/secret"
)

// lists compares two lists item by item: by name where all items have one of
// their own, else by place. It returns false where only the whole can be shown.
func (d *differ) lists(path string, class secret.Class, old, new []any) bool {
	oldNames, oldItems := named(old)
	newNames, newItems := named(new)
	switch {
	case oldItems != nil && newItems != nil:
		before := len(d.found)
		for _, name := range oldNames {
			d.compare(path+"["+name+"]", class, oldItems[name], newItems[name])
		}
		for _, name := range newNames {
			if _, both := oldItems[name]; !both {
				d.compare(path+"["+name+"]", class, nil, newItems[name])
			}
		}
		return len(d.found) > before // else they differ in order only
	case len(old) == len(new):
		for i := range old {
			d.compare(path+"["+strconv.Itoa(i)+"]", class, old[i], new[i])
		}
		return true
	}
	return false
}

// named are the items of a list by their names; nil where one has none or two
// have the same.
func named(list []any) (order []string, items map[string]any) {
	items = map[string]any{}
	for _, item := range list {
		m, _ := item.(map[string]any)
		name, _ := m["name"].(string)
		if _, twice := items[name]; name == "" || twice {
			return nil, nil
		}
		order, items[name] = append(order, name), item
	}
	return order, items
}

// texts compares two texts of which one has several lines.
func (d *differ) texts(path string, class secret.Class, old, new string) bool {
	if !strings.Contains(old+new, "\n") || old == "" || new == "" {
		return false
	}
	before := len(d.found)
	oldMap, newMap := fieldsOf(old), fieldsOf(new)
	if oldMap != nil && newMap != nil {
		for _, key := range keys(oldMap, newMap) {
			d.compare(path+": "+key, max(class, classOf(key, oldMap, newMap)), oldMap[key], newMap[key])
		}
		return len(d.found) > before // else they differ in form only
	}
	from, oldLines, newLines := differing(secret.Lines(old), secret.Lines(new))
	if class.Holds(old) || class.Holds(new) || len(oldLines)+len(newLines) == 0 {
		return false
	}
	d.found = append(d.found, Difference{path + ", from line " + strconv.Itoa(from), strings.Join(oldLines, "\n"), strings.Join(newLines, "\n")})
	return true
}

// fieldsOf reads a text as a map in YAML or JSON; nil where it is none, such as a
// template.
func fieldsOf(text string) map[string]any {
	var out map[string]any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil || len(out) == 0 {
		return nil
	}
	return out
}

// differing cuts off the lines that two texts begin and end with alike.
func differing(old, new []string) (from int, oldLines, newLines []string) {
	for len(old) > 0 && len(new) > 0 && old[0] == new[0] {
		from, old, new = from+1, old[1:], new[1:]
	}
	for len(old) > 0 && len(new) > 0 && old[len(old)-1] == new[len(new)-1] {
		old, new = old[:len(old)-1], new[:len(new)-1]
	}
	return from + 1, old, new
}

// withoutSecrets copies a value with what its names tell to be secret masked.
func withoutSecrets(v any, class secret.Class) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = withoutSecrets(item, max(class, classOf(key, v)))
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = withoutSecrets(item, class)
		}
		return out
	case string:
		if class.Holds(v) {
			return hidden
		}
		return strings.Join(secret.Lines(v), "\n")
	}
	if !reflect.ValueOf(v).IsValid() {
		return nil
	}
	return v
}
