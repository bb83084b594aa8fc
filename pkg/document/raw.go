package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Raw is a value of a document that holds nothing unusual. It is read for what
// it says, without places: they take twice the time and twenty times the
// memory, and of a mesh few objects have a finding.
type Raw struct{ node *yaml.Node }

// maxRun is how many parts one parser reads. Its buffers cost as much as three
// small documents; what is wrong in one makes all of them be read again.
const maxRun = 64

// ParseRaws reads parts with one document of maps, lists and scalars each. Of a
// part that Parse has to look at the result is zero: what is no YAML, anchors,
// tags, keys that stand twice or are no plain names, templates, and comments
// for meshctl.
func ParseRaws(parts []Part) []Raw {
	out := make([]Raw, len(parts))
	for i := 0; i < len(parts); {
		n := run(parts[i:])
		if !rawRun(parts[i:i+n], out[i:i+n]) {
			for j := i; j < i+n; j++ {
				rawRun(parts[j:j+1], out[j:j+1])
			}
		}
		i += max(n, 1)
	}
	return out
}

// IsZero says that the part was not read.
func (r Raw) IsZero() bool { return r.node == nil }

// run is how many parts from the first on can be read in one go.
func run(parts []Part) int {
	n := 0
	for _, p := range parts[:min(len(parts), maxRun)] {
		odd := bytes.Contains(p.Text, []byte("meshctl:")) || bytes.ContainsAny(p.Text, "\r\x00!")
		if odd || n > 0 && !marker(p.Text, "---") {
			break
		}
		n++
	}
	return n
}

// rawRun reads parts that follow one another and says whether there is exactly
// one document in each: every part but the first begins one, so as many
// documents as parts are one for one.
func rawRun(parts []Part, out []Raw) bool {
	readers := make([]io.Reader, 0, len(parts))
	for _, p := range parts {
		readers = append(readers, bytes.NewReader(p.Text))
	}
	dec := yaml.NewDecoder(io.MultiReader(readers...))
	read := make([]Raw, len(parts))
	for i := range read {
		var doc yaml.Node
		if dec.Decode(&doc) != nil || len(doc.Content) != 1 {
			return false
		}
		if root := doc.Content[0]; root.Kind == yaml.MappingNode && plain(root, 0) {
			read[i] = Raw{root}
		}
	}
	var more yaml.Node
	if !errors.Is(dec.Decode(&more), io.EOF) {
		return false
	}
	copy(out, read)
	return true
}

// plain says whether a node and all below it mean what they look like.
func plain(n *yaml.Node, depth int) bool {
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.Kind == yaml.AliasNode || depth > maxDepth {
		return false
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if key := n.Content[i]; key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 || scalarKind(key) != String || key.Tag != "!!str" || twice(n, i) {
				return false
			}
		}
	}
	for i, c := range n.Content {
		if (n.Kind != yaml.MappingNode || i%2 == 1) && !plain(c, depth+1) {
			return false
		}
	}
	return true
}

// twice says whether a key of a map stands above its place i as well. Maps are
// small; a large one takes the way of Parse.
func twice(n *yaml.Node, i int) bool {
	if i > 200 {
		return true
	}
	for j := 0; j < i; j += 2 {
		if n.Content[j].Value == n.Content[i].Value {
			return true
		}
	}
	return false
}

// Str is the text of a scalar at the given keys, "" where there is none.
func (r Raw) Str(names ...string) string {
	n := r.node
	for _, name := range names {
		if n = child(n, name); n == nil {
			return ""
		}
	}
	if n.Kind != yaml.ScalarNode || scalarKind(n) == Null {
		return ""
	}
	return n.Value
}

// Fields are the names and values of a map, in their order.
func (r Raw) Fields() iter.Seq2[string, Raw] {
	return func(yield func(string, Raw) bool) {
		if r.IsZero() || r.node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(r.node.Content); i += 2 {
			if !yield(r.node.Content[i].Value, Raw{r.node.Content[i+1]}) {
				return
			}
		}
	}
}

// Text is the text of a string; false for every other value.
func (r Raw) Text() (string, bool) {
	return r.node.Value, r.node.Kind == yaml.ScalarNode && scalarKind(r.node) == String
}

// Texts are the fields of a map that holds nothing but strings; false for every
// other value.
func (r Raw) Texts() (map[string]string, bool) {
	if r.node.Kind != yaml.MappingNode {
		return nil, false
	}
	out := make(map[string]string, len(r.node.Content)/2)
	for name, value := range r.Fields() {
		text, ok := value.Text()
		if !ok {
			return nil, false
		}
		out[name] = text
	}
	return out, true
}

// Field is the value under a key; zero where there is none.
func (r Raw) Field(name string) Raw { return Raw{child(r.node, name)} }

// Items are the items of the list under a key.
func (r Raw) Items(name string) []Raw {
	list := child(r.node, name)
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	var out []Raw
	for _, item := range list.Content {
		out = append(out, Raw{item})
	}
	return out
}

func child(n *yaml.Node, name string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	i := slices.IndexFunc(n.Content, func(c *yaml.Node) bool { return c.Value == name })
	for ; i >= 0 && i < len(n.Content); i++ {
		if i%2 == 0 && n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// AppendJSON writes the value as Value.JSON does, without the fields of a map
// that are named.
func (r Raw) AppendJSON(out []byte, without ...string) []byte {
	return appendJSON(out, r.node, without...)
}

func appendJSON(out []byte, n *yaml.Node, without ...string) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		out = append(out, '{')
		for i, first := 0, len(out); i+1 < len(n.Content); i += 2 {
			if slices.Contains(without, n.Content[i].Value) {
				continue
			}
			if len(out) > first {
				out = append(out, ',')
			}
			out = append(appendString(out, n.Content[i].Value), ':')
			out = appendJSON(out, n.Content[i+1])
		}
		return append(out, '}')
	case yaml.SequenceNode:
		out = append(out, '[')
		for i, item := range n.Content {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(out, item)
		}
		return append(out, ']')
	}
	return appendScalar(out, n)
}

func appendScalar(out []byte, n *yaml.Node) []byte {
	kind := scalarKind(n)
	if kind == String {
		return appendString(out, n.Value)
	}
	switch value := (&Value{Kind: kind, Text: n.Value}).Any().(type) {
	case bool:
		return strconv.AppendBool(out, value)
	case int64:
		return strconv.AppendInt(out, value, 10)
	case uint64:
		return strconv.AppendUint(out, value, 10)
	case string: // what JSON cannot hold
		return appendString(out, value)
	case float64:
		text, err := json.Marshal(value)
		if err != nil {
			return appendString(out, n.Value)
		}
		return append(out, text...)
	}
	return append(out, "null"...)
}

// appendString quotes a string; one with something to be escaped is left to
// the JSON package.
func appendString(out []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }) < 0 {
		return append(append(append(out, '"'), s...), '"')
	}
	text, err := json.Marshal(s)
	if err != nil {
		return append(out, `""`...) // a string can be encoded
	}
	return append(out, text...)
}
