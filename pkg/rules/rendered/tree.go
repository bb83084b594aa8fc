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

func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
