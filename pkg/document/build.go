package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/meshctl/meshctl/pkg/finding"
)

// maxNodes bounds what aliases may expand to. Real files stay under 20,000
// values; an alias bomb passes a million within a few lines.
const maxNodes = 200_000

// maxNodes is how many values the part may have: where it may be a list of
// thousands of objects, as many as its text could hold without aliases.
func (p part) maxNodes() int {
	if p.large {
		return max(maxNodes, len(p.text))
	}
	return maxNodes
}

// maxDepth bounds how deep values are nested. Charts and Kubernetes types end
// at about 30 levels; what looks at a value's path takes time with each.
const maxDepth = 200

// builder turns the parser's nodes into Values: aliases and merge keys are
// expanded, and every value gets its place in the file.
type builder struct {
	part       part
	widths     []int    // characters of each line, from the part's first
	bangs      bool     // there may be tags
	lines      []string // of the part, where a tag is looked for
	nodes      int
	depth      int
	exploded   bool
	tree       *yaml.Node
	open       map[*yaml.Node]bool // anchors being expanded, to break cycles
	complexKey *yaml.Node
	problems   []Problem
	src        *source
	sharing    int // anchors, aliases and << that are open
}

func (b *builder) build(n *yaml.Node) *Value {
	b.tree = n
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return nil
		}
		n = n.Content[0]
	}
	v := &Value{place: b.place(n)}
	b.fill(v, n)
	return v
}

func (b *builder) place(n *yaml.Node) finding.Location {
	at := b.part.at(n.Line, n.Column)
	if at.EndLine != 0 {
		return at // the place of a whole string
	}
	at.EndLine, at.EndColumn = at.Line, at.Column
	if end := n.Column + written(n); n.Line <= len(b.widths) && end <= b.widths[n.Line-1]+1 {
		if last := b.part.at(n.Line, end); last.Line == at.Line && last.Column-at.Column == written(n) {
			at.EndColumn = last.Column
		}
	}
	return at
}

// written is how many characters a scalar has in the file; 0 where that is
// not known: the parser does not tell where a value ends, and a tag or an
// anchor stands before it. One that runs over several lines is found too long
// for its first line.
func written(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.TaggedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Anchor != "" || strings.Contains(n.Value, "\n") {
		return 0
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return utf8.RuneCountInString(n.Value) + 2
	}
	return utf8.RuneCountInString(n.Value)
}

func (b *builder) fill(v *Value, n *yaml.Node) {
	b.nodes++
	b.depth++
	defer func() { b.depth-- }()
	if b.nodes > b.part.maxNodes() || b.depth > maxDepth {
		b.explode(n)
		return
	}
	b.mark(v, n)
	if n.Anchor != "" {
		b.sharing++
		defer func() { b.sharing-- }()
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
		if v.Style == Block {
			v.block = &block{part: b.part, line: n.Line, folded: n.Style&yaml.FoldedStyle != 0}
		}
		v.Kind = scalarKind(n)
		if b.bareTag(n) {
			v.Kind = String
		}
		b.checkTag(n, v.Kind)
		b.binary(v, n)
	}
}

// mark notes where a value is written and what of it more than one place
// uses. It comes twice to an alias: for itself and for what it stands for.
func (b *builder) mark(v *Value, n *yaml.Node) {
	switch {
	case v.alias:
		return
	case n.Kind == yaml.AliasNode:
		v.alias = true
	default:
		v.anchored = n.Anchor != ""
		v.tagged = n.Style&yaml.TaggedStyle != 0 || b.bareTag(n)
	}
	v.src, v.shared = b.src, b.sharing > 0
}

func (b *builder) explode(n *yaml.Node) {
	if b.exploded {
		return
	}
	b.exploded = true
	message := fmt.Sprintf("the document expands to more than %d values through its aliases", maxNodes)
	switch {
	case b.nodes <= maxNodes:
		message = fmt.Sprintf("the document is nested more than %d levels deep", maxDepth)
	case size(b.tree) > maxNodes:
		message = fmt.Sprintf("the document has more than %d values", maxNodes)
	}
	b.problems = append(b.problems, Problem{Kind: TooLarge, At: b.place(n), Message: message})
}

// size counts the values that a node holds as written. Keys are none, as in
// fill.
func size(n *yaml.Node) int {
	total := 1
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			total += size(c)
		}
	}
	if n.Kind == yaml.DocumentNode {
		total--
	}
	return total
}

// alias expands an alias in place. The value keeps the alias's own place:
// that is the line a user would change.
func (b *builder) alias(v *Value, n *yaml.Node) {
	if b.open[n.Alias] {
		b.syntax(b.place(n), fmt.Sprintf("alias *%s contains itself", n.Value))
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
	defer func() { v.partial = len(v.fields)*2 != len(n.Content) || len(merges) > 0 }()
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merges = append(merges, val)
			continue
		}
		b.field(v, key, val)
	}
	for _, m := range merges {
		b.merge(v, m)
	}
}

// field adds one key and its value to a map.
func (b *builder) field(v *Value, key, val *yaml.Node) {
	at := b.place(key) // of an alias its own place, as in alias
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	name, ok := keyName(key)
	if !ok {
		b.badKey(key, at)
		return
	}
	if first := v.byName[name]; first != nil {
		b.duplicate(key.Value, at, first)
		return
	}
	child := &Value{name: name, key: at, place: b.place(val)}
	v.add(child)
	b.fill(child, val)
}

// keyName is the name that Helm and istioctl give a key: both turn YAML into
// JSON, where a plain on becomes "true" and 0x10 becomes "16". They refuse
// null, maps, lists and integers over 63 bits as a key.
func keyName(key *yaml.Node) (string, bool) {
	if key.Kind != yaml.ScalarNode {
		return "", false
	}
	kind := scalarKind(key)
	switch value := (&Value{Kind: kind, Text: key.Value}).Any().(type) {
	case bool:
		return strconv.FormatBool(value), true
	case int64:
		return strconv.FormatInt(value, 10), true
	case float64:
		// Single precision is what sigs.k8s.io/yaml prints.
		return strconv.FormatFloat(value, 'g', -1, 32), true
	case string:
		return value, true // with kind Float that is .inf or .nan
	}
	return "", false
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Tag == "!!merge"
}

func (b *builder) badKey(key *yaml.Node, at finding.Location) {
	message := "a key must be a plain string"
	if key.Kind != yaml.ScalarNode {
		b.complexKey = key
	} else if scalarKind(key) == Null {
		message = "a key must be a string, and this one is null; put it in quotes if it is a name"
	}
	b.syntax(at, message)
}

func (b *builder) syntax(at finding.Location, message string) {
	b.problems = append(b.problems, Problem{Kind: Syntax, At: at, Message: message})
}

func (b *builder) duplicate(key string, at finding.Location, first *Value) {
	b.problems = append(b.problems, Problem{
		Kind: DuplicateKey, At: at, Key: key, First: first.key,
		Message: fmt.Sprintf("key %q stands twice; which one wins depends on the program that reads it", key),
	})
}

// merge adds the keys of a << value that the map does not set itself.
func (b *builder) merge(v *Value, n *yaml.Node) {
	if !mergeable(n) {
		b.syntax(b.place(n), "the value of << must be a map or a list of maps")
		return
	}
	from := &Value{place: b.place(n)}
	b.sharing++
	b.fill(from, n)
	b.sharing--
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

// mergeable says whether Helm and istioctl take a node as the value of <<:
// for both an alias may stand for a map only, not for a list of maps.
func mergeable(n *yaml.Node) bool {
	if n.Kind == yaml.SequenceNode {
		return !slices.ContainsFunc(n.Content, func(item *yaml.Node) bool { return !mapping(item) })
	}
	return mapping(n)
}

// mapping says whether a node is a map or an alias of one.
func mapping(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode || n.Kind == yaml.AliasNode && n.Alias.Kind == yaml.MappingNode
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

// checkTag finds a scalar that is not what its tag says; Helm and istioctl
// refuse it.
func (b *builder) checkTag(n *yaml.Node, tagged Kind) {
	if n.Style&yaml.TaggedStyle == 0 || tagged == String {
		return
	}
	got := plainKind(n.Value)
	if got != tagged && (tagged != Float || got != Int) {
		b.syntax(b.place(n), fmt.Sprintf("%q is not what its tag %s says", n.Value, n.ShortTag()))
	}
}

// scalarKind resolves a scalar as YAML 1.1 does, because that is what Helm
// and istioctl decode with. A tag wins over quotes, and both over the look.
func scalarKind(n *yaml.Node) Kind {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		return tagKind(n.ShortTag())
	case style(n) != Plain:
		return String
	case yaml11Bool(n.Value):
		return Bool
	}
	return tagKind(n.ShortTag()) // of a node that was read the parser has set it
}

// plainKind is the kind of a scalar without quotes and without a tag.
func plainKind(text string) Kind {
	return scalarKind(&yaml.Node{Kind: yaml.ScalarNode, Value: text})
}

// yaml11Bool knows the plain words that are booleans in YAML 1.1 only.
func yaml11Bool(text string) bool {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}

func tagKind(tag string) Kind {
	switch tag {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int":
		return Int
	case "!!float":
		return Float
	}
	return String
}
