package rendered

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// index is a list item's step in a path.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func isIndex(step string) bool { return strings.HasPrefix(step, "[") }

// dotted prints a path.
func dotted(path []string) string {
	var b strings.Builder
	for _, p := range path {
		if b.Len() > 0 && !isIndex(p) {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}

// brief prints a value as JSON, cut where it is long.
func brief(v any) string {
	if s, ok := v.(string); ok {
		return cut(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cut(string(data))
}

func cut(s string) string { return cutAt(s, 80) }

// maxObject is more than the kind, namespace and name of an object have that
// Kubernetes takes; a longer name is what a template put there by mistake.
const maxObject = 200

func cutAt(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
