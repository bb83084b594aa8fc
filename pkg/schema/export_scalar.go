package schema

// The forms of texts that stand for something else.
const (
	numberForm   = `^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`
	durationForm = `^[-+]?(0|([0-9]*\.?[0-9]+(ns|us|µs|μs|ms|s|m|h))+)$`
	amountForm   = `^[+-]?[0-9]*\.?[0-9]*([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$`
)

// types lists the JSON types that a field takes. An empty value is legal
// everywhere: it stands for a setting that is not made.
func types(n *node, usual ...string) []string {
	if len(n.json) > 0 {
		usual = n.json
	}
	out := append([]string{}, usual...)
	for _, t := range usual {
		if t == "null" {
			return out
		}
	}
	return append(out, "null")
}

func scalar(n *node) *jsonSchema {
	if n.empty {
		filled := *n
		filled.empty = false
		zero := 0
		return &jsonSchema{AnyOf: []*jsonSchema{scalar(&filled), {Type: []string{"object"}, Most: &zero}}}
	}
	if len(n.enum) > 0 {
		return choice(n)
	}
	switch n.shape {
	case boolean:
		return &jsonSchema{Type: types(n, "boolean")}
	case integer, number:
		return numeric(n)
	case duration:
		return &jsonSchema{Type: types(n, "string"), Pattern: durationForm}
	case quantity:
		return &jsonSchema{Type: types(n, "string", "number"), Pattern: amountForm}
	case formal:
		return &jsonSchema{Type: types(n, "string", "number", "boolean"), Pattern: n.form.pattern}
	case text:
		if n.lenient {
			return &jsonSchema{Type: types(n, "string", "number", "boolean")}
		}
		out := &jsonSchema{Type: types(n, "string")}
		if n.form != nil {
			out.Pattern = n.form.pattern
		}
		return out
	}
	return &jsonSchema{Type: types(n)}
}

func numeric(n *node) *jsonSchema {
	kind := "number"
	if n.shape == integer {
		kind = "integer"
	}
	if quotedNumber(n) && len(n.json) == 0 {
		return &jsonSchema{Type: types(n, kind, "string"), Pattern: numberForm}
	}
	return &jsonSchema{Type: types(n, kind)}
}

func choice(n *node) *jsonSchema {
	out := &jsonSchema{}
	for _, value := range n.enum {
		out.Enum = append(out.Enum, value)
	}
	if n.numbers {
		return &jsonSchema{AnyOf: []*jsonSchema{out, {Type: []string{"integer", "null"}}}}
	}
	for _, t := range n.json {
		if t == "boolean" {
			out.Enum = append(out.Enum, true, false)
		}
	}
	out.Enum = append(out.Enum, "", nil)
	if n.enum[0] == "" {
		out.Enum = append(out.Enum[:len(out.Enum)-2], nil)
	}
	return out
}
