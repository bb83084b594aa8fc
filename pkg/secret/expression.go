package secret

import (
	"slices"
	"strings"
)

// SetPrefix begins the name that the values of an expression have as a file.
const SetPrefix = "--set "

// Expression masks the secrets of a --set expression and returns them.
func Expression(expr string) (masked string, values []string) {
	var parts []string
	names := entries(expr)
	open := false // the last part was masked; what follows a comma may belong to it
	for _, part := range assignments(expr) {
		path, value, ok := strings.Cut(part, "=")
		switch {
		case !ok && open:
			values = append(values, part)
			continue
		case ok && max(classOfPath(path), names[strings.TrimSuffix(path, ".value")]).Holds(value):
			open, part, values = true, path+"="+Mask, append(values, value)
		default:
			open = false
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ","), values
}

// entries says of what class the entries are that an expression names, as
// env[0].name=X_TOKEN does.
func entries(expr string) map[string]Class {
	out := map[string]Class{}
	for _, part := range assignments(expr) {
		path, name, _ := strings.Cut(part, "=")
		if entry, ok := strings.CutSuffix(path, ".name"); ok {
			out[entry] = ClassOf(name)
		}
	}
	return out
}

// classOfPath is that of the last key, or of one above it.
func classOfPath(path string) Class {
	keys := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' || r >= '0' && r <= '9' })
	// A key may hold escaped dots, as ca-key\.pem does.
	if last := strings.LastIndex(strings.ReplaceAll(path, `\.`, "\x00\x00"), "."); strings.Contains(path, `\.`) {
		keys = append(keys, strings.ReplaceAll(path[last+1:], `\`, ""))
	}
	slices.Reverse(keys)
	for i, key := range keys {
		if c := ClassOf(key); c != Plain {
			return c
		}
		if i == 0 && !Tells(key) {
			return Plain
		}
	}
	return Plain
}

// assignments cuts an expression at its commas, but not at escaped ones nor
// inside a list.
func assignments(expr string) []string {
	var out []string
	start, depth := 0, 0
	for i := 0; i < len(expr); i++ {
		switch expr[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		case ',':
			if depth <= 0 {
				out = append(out, expr[start:i])
				start = i + 1
			}
		}
	}
	return append(out, expr[start:])
}
