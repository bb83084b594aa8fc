package cluster

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// readBack compares a live object with one that was rendered from what a
// cluster keeps of its installation, which is not all. A field that another
// manager owns was changed after the installation. One that differs and is
// still the installer's own may well have been installed so: nobody can tell.
func readBack(ctx context.Context, c *kube.Client, m snapshot.Manifest, live *unstructured.Unstructured, changes []kube.Difference) (drift []snapshot.FieldChange, unknown string, err error) {
	_, err = c.Apply(ctx, snapshot.LeaveToIstiod(m.Object, live), kube.ApplyOptions{DryRun: true})
	conflicts := kube.Conflicts(err)
	if kube.Broken(err) {
		return nil, "", err
	}
	if err != nil && len(conflicts) == 0 {
		return nil, reason(err), nil
	}
	var places []string
	for _, conflict := range conflicts {
		places = append(places, indexed(live, conflict.Field))
	}
	var doubtful []string
	for _, d := range changes {
		if touches(places, d.Path) {
			drift = append(drift, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New})
		} else {
			doubtful = append(doubtful, d.Path)
		}
	}
	if len(doubtful) > 0 {
		unknown = fmt.Sprintf("%s differs from what the stored values give, which components.*.k8s may have set", few(doubtful))
	}
	return drift, unknown, nil
}

// touches says whether a difference is about one of the places, which may lie
// deeper: of lists of different length there is one difference in all.
func touches(places []string, path string) bool {
	for _, p := range places {
		if within(p, path) || within(path, p) {
			return true
		}
	}
	return false
}

// within says whether a field is another one or lies in it: below it, or
// inside of its text.
func within(field, whole string) bool {
	rest, inside := strings.CutPrefix(field, whole)
	return inside && (rest == "" || strings.ContainsRune(".[:,", rune(rest[0])))
}

func few(paths []string) string {
	if len(paths) > 3 {
		return strings.Join(paths[:3], ", ") + fmt.Sprintf(" and %d more fields", len(paths)-3)
	}
	return strings.Join(paths, ", ")
}

// indexed turns the API server's name of a field, in which list items have
// keys as in containers[name="discovery"].image, into one as kube.Diff has it:
// with names where all items have one, else with indexes.
func indexed(o *unstructured.Unstructured, field string) string {
	var at any = o.Object
	var out strings.Builder
	for rest := strings.TrimPrefix(field, "."); rest != ""; {
		if key, after, ok := cutKey(rest); ok {
			list, _ := at.([]any)
			i := find(list, key)
			if i < 0 {
				return out.String()
			}
			out.WriteString("[" + label(list, i) + "]")
			at, rest = list[i], strings.TrimPrefix(after, ".")
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if out.Len() > 0 {
			out.WriteString(".")
		}
		out.WriteString(rest[:end])
		fields, _ := at.(map[string]any)
		at, rest = fields[rest[:end]], strings.TrimPrefix(rest[end:], ".")
	}
	return out.String()
}

// label is the name of a list's item, or its index where not all have one of
// their own.
func label(list []any, i int) string {
	names := map[any]bool{}
	for _, item := range list {
		fields, _ := item.(map[string]any)
		name, _ := fields["name"].(string)
		if name == "" || names[name] {
			return strconv.Itoa(i)
		}
		names[name] = true
	}
	fields, _ := list[i].(map[string]any)
	return fmt.Sprint(fields["name"])
}

// cutKey takes [name="discovery"] from the beginning; a value may hold
// brackets.
func cutKey(text string) (key, after string, ok bool) {
	if !strings.HasPrefix(text, "[") {
		return "", text, false
	}
	quoted := false
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ']' && !quoted:
			return text[1:i], text[i+1:], true
		}
	}
	return "", text, false
}

// find is the item of a list that has all fields of a key, such as
// port=443,protocol="TCP"; -1 if there is none.
func find(list []any, key string) int {
	for i, item := range list {
		fields, _ := item.(map[string]any)
		matches := fields != nil
		for _, part := range strings.Split(key, ",") {
			name, value, _ := strings.Cut(part, "=")
			matches = matches && fmt.Sprint(fields[name]) == strings.Trim(value, `"`)
		}
		if matches {
			return i
		}
	}
	return -1
}
