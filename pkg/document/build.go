package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/meshctl/meshctl/pkg/finding"
)

// maxNodes bounds what aliases may expand to. Real files stay under 20,000
// values; an alias bomb passes a million within a few lines.
const maxNodes = 200_000

// builder turns the parser's nodes into Values: aliases and merge keys are
// expanded, and every value gets its place in the file.
type builder struct {
	file       string
	offset     int
	nodes      int
	exploded   bool
	open       map[*yaml.Node]bool // anchors being expanded, to break cycles
	complexKey *yaml.Node
	problems   []Problem
}

func (b *builder) build(n *yaml.Node) *Value {
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return nil
		}
		return b.build(n.Content[0])
	}
	v := &Value{place: b.place(n)}
	b.fill(v, n)
	return v
}

func (b *builder) place(n *yaml.Node) finding.Location {
	at := finding.Location{File: b.file, Line: n.Line + b.offset, Column: n.Column}
	at.EndLine, at.EndColumn = at.Line, at.Column
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(n.Value, "\n") {
		return at
	}
	at.EndColumn += utf8.RuneCountInString(n.Value)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		at.EndColumn += 2
	}
	return at
}

func (b *builder) fill(v *Value, n *yaml.Node) {
	if b.nodes++; b.nodes > maxNodes {
		b.explode(n)
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		b.alias(v, n)
	case yaml.MappingNode:
		v.Kind = Map
		b.mapping(v, n)
	case yaml.SequenceNode:
		v.Kind = List
		for _, item := range n.Content {
			child := &Value{place: b.place(item)}
			v.add(child)
			b.fill(child, item)
		}
	default:
		v.Text = n.Value
		v.Style = style(n)
		v.Kind = scalarKind(n)
	}
}

func (b *builder) explode(n *yaml.Node) {
	if b.exploded {
		return
	}
	b.exploded = true
	b.problems = append(b.problems, Problem{Kind: TooLarge, At: b.place(n),
		Message: fmt.Sprintf("the document expands to more than %d values through its aliases", maxNodes)})
}

// alias expands an alias in place. The value keeps the alias's own place:
// that is the line a user would change.
func (b *builder) alias(v *Value, n *yaml.Node) {
	if b.open[n.Alias] {
		b.problems = append(b.problems, Problem{Kind: Syntax, At: b.place(n), Message: fmt.Sprintf("alias *%s contains itself", n.Value)})
		return
	}
	if b.open == nil {
		b.open = map[*yaml.Node]bool{}
	}
	b.open[n.Alias] = true
	defer delete(b.open, n.Alias)
	b.fill(v, n.Alias)
}

func (b *builder) mapping(v *Value, n *yaml.Node) {
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" || (key.Value == "<<" && key.Style == 0 && key.Kind == yaml.ScalarNode) {
			merges = append(merges, val)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			b.badKey(key)
			continue
		}
		if first := v.byName[key.Value]; first != nil {
			b.duplicate(key, first)
			continue
		}
		child := &Value{name: key.Value, key: b.place(key), place: b.place(val)}
		v.add(child)
		b.fill(child, val)
	}
	for _, m := range merges {
		b.merge(v, m)
	}
}

func (b *builder) badKey(key *yaml.Node) {
	if b.complexKey == nil {
		b.complexKey = key
	}
	b.problems = append(b.problems, Problem{Kind: Syntax, At: b.place(key), Message: "a key must be a plain string"})
}

func (b *builder) duplicate(key *yaml.Node, first *Value) {
	b.problems = append(b.problems, Problem{
		Kind: DuplicateKey, At: b.place(key), Key: key.Value, First: first.key,
		Message: fmt.Sprintf("key %q stands twice; which one wins depends on the program that reads it", key.Value),
	})
}

// merge adds the keys of a << value that the map does not set itself.
func (b *builder) merge(v *Value, n *yaml.Node) {
	from := &Value{place: b.place(n)}
	b.fill(from, n)
	sources := []*Value{from}
	if from.Kind == List {
		sources = from.fields
	}
	for _, src := range sources {
		for _, f := range src.Fields() {
			if v.byName[f.name] == nil {
				v.add(f)
			}
		}
	}
}

func style(n *yaml.Node) Style {
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return Block
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return Quoted
	default:
		return Plain
	}
}

// scalarKind resolves a scalar as YAML 1.1 does, because that is what Helm
// and istioctl decode with.
func scalarKind(n *yaml.Node) Kind {
	if style(n) != Plain && n.Style&yaml.TaggedStyle == 0 {
		return String
	}
	switch n.ShortTag() {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int":
		return Int
	case "!!float":
		return Float
	}
	switch n.Value {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return Bool
	}
	return String
}
