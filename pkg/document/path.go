package document

import (
	"strconv"
	"strings"
)

// Nearest follows a path, as Path prints it, as far as the value goes: to what
// it names, or to the last map or list on the way that is there.
func (v *Value) Nearest(path string) *Value {
	for rest := path; rest != ""; {
		var step string
		step, rest = cutStep(rest)
		next := v.follow(step)
		if next == nil {
			return v
		}
		v = next
	}
	return v
}

// cutStep takes the first step off a path: a name, a quoted name or a number.
func cutStep(path string) (step, rest string) {
	path = strings.TrimPrefix(path, ".")
	if inner, ok := strings.CutPrefix(path, "["); ok {
		if quoted, err := strconv.QuotedPrefix(inner); err == nil {
			name, _ := strconv.Unquote(quoted)
			return name, strings.TrimPrefix(inner[len(quoted):], "]")
		}
		number, rest, _ := strings.Cut(inner, "]")
		return "[" + number, rest
	}
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end], path[end:]
	}
	return path, ""
}

func (v *Value) follow(step string) *Value {
	number, isItem := strings.CutPrefix(step, "[")
	if !isItem {
		return v.Field(step)
	}
	items := v.Items()
	if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(items) {
		return items[i]
	}
	for _, item := range items { // a list of named things, such as containers
		if item.Str("name") == number {
			return item
		}
	}
	return nil
}
