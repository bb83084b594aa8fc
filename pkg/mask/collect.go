// Package mask collects the secrets of configurations and takes them out of
// reports.
package mask

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/secret"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// hidden is one text to be masked.
type hidden struct {
	text string
	at   finding.Location
	// known is true where the text is masked wherever it is printed. A short
	// or common word is masked only in what is said about its own place;
	// else a password "default" would spoil every message.
	known bool
}

// Set holds the secrets of the configurations that a report is about. A nil
// Set knows none, and still masks what shows itself as a secret.
type Set struct{ hidden []hidden }

// Of collects the secrets of the documents and configurations of snapshots.
func Of(snaps ...*snapshot.Snapshot) *Set {
	c := collector{seen: map[string]bool{}}
	var roots []*document.Value
	for _, s := range snaps {
		for _, d := range s.Documents {
			roots = append(roots, d.Root)
		}
		for _, cfg := range s.Configs {
			roots = append(roots, cfg.Root)
		}
	}
	for _, root := range roots {
		c.object(root)
	}
	if len(c.set.hidden) > 0 {
		c.markKnown(roots)
	}
	return &c.set
}

type collector struct {
	set  Set
	seen map[string]bool
}

// object looks at a whole document; of a Secret every value is one.
func (c *collector) object(root *document.Value) {
	if root.Str("kind") == "Secret" {
		for _, part := range []string{"data", "stringData"} {
			for _, f := range root.Field(part).Fields() {
				c.add(f, secret.Password)
			}
		}
	}
	c.value(root, secret.Plain)
}

// value looks at a value below a key of a class.
func (c *collector) value(v *document.Value, above secret.Class) {
	switch {
	case v == nil || isBool(v):
	case v.Kind == document.Map:
		c.pair(v)
		for _, f := range v.Fields() {
			own := secret.ClassOf(f.Name())
			if own == secret.Plain && above != secret.Plain && secret.Tells(f.Name()) {
				own = above
			}
			c.value(f, own)
		}
	case v.Kind == document.List:
		for _, item := range v.Items() {
			c.value(item, above)
		}
	default:
		c.add(v, above)
		if strings.Contains(v.Text, "PRIVATE KEY-----") {
			c.keep(v.Text, v.Location())
		}
		for _, word := range secret.Passwords(v.Text) {
			c.keep(word, v.Location())
		}
	}
}

// pair finds {name: X_TOKEN, value: …}, the form of environment variables
// and headers.
func (c *collector) pair(v *document.Value) {
	for _, name := range []string{"name", "key", "header"} {
		own := secret.ClassOf(v.Str(name))
		if own == secret.Plain {
			continue
		}
		for _, f := range v.Fields() {
			// What is misspelt is a value too, and what is printed about.
			if slices.Contains([]string{"stringValue", "string_value", "rawValue"}, f.Name()) || levenshtein.Distance(f.Name(), "value", nil) <= 2 {
				c.value(f, own)
			}
		}
	}
}

func (c *collector) add(v *document.Value, own secret.Class) {
	if v.Scalar() && !isBool(v) && own.Holds(v.Text) {
		c.keep(v.Text, v.Location())
	}
}

func (c *collector) keep(text string, at finding.Location) {
	key := at.String() + "\x00" + at.Path + "\x00" + text
	if text = strings.TrimSpace(text); text == "" || c.seen[key] || document.Expression(text) == text {
		return // also of an expression, which tells where a secret is, not what
	}
	c.seen[key] = true
	c.set.hidden = append(c.set.hidden, hidden{text: text, at: at, known: !common(text)})
}

// common says whether a text is too short or too plain a word to be masked
// everywhere.
func common(text string) bool {
	word := strings.Trim(text, "abcdefghijklmnopqrstuvwxyz.-") == ""
	return len(text) < 6 || word && len(text) < 12
}

// markKnown takes those secrets back to their own place that the documents
// also hold where everybody may read them.
func (c *collector) markKnown(roots []*document.Value) {
	secretAt, open := map[string]bool{}, map[string]bool{}
	for _, s := range c.set.hidden {
		secretAt[s.at.String()+"\x00"+s.at.Path] = true
	}
	var walk func(*document.Value)
	walk = func(v *document.Value) {
		if v == nil {
			return
		}
		open[v.Name()] = true
		if at := v.Location(); v.Scalar() && !secretAt[at.String()+"\x00"+at.Path] {
			open[v.Text] = true
		}
		for _, f := range append(v.Fields(), v.Items()...) {
			walk(f)
		}
	}
	for _, root := range roots {
		walk(root)
	}
	for i, s := range c.set.hidden {
		c.set.hidden[i].known = s.known && !open[s.text]
	}
	slices.SortStableFunc(c.set.hidden, func(a, b hidden) int { return len(b.text) - len(a.text) })
}

func isBool(v *document.Value) bool { return v.Kind == document.Bool || v.Kind == document.Null }
