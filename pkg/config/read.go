package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/schema"
)

// Error holds everything that is wrong with a configuration file, one
// FILE:LINE:COL: message a line.
type Error struct{ Problems []string }

func (e *Error) Error() string { return strings.Join(e.Problems, "\n") }

// Read reads a configuration file; what is wrong inside it is an *Error.
// rules are the IDs of all rules, names the IDs by their rules' names.
func Read(path string, rules []string, names map[string]string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	c, err := Parse(path, data, rules, names)
	if c != nil {
		c.Folder = folder
	}
	return c, err
}

// Parse is Read for a text. An empty one sets nothing.
func Parse(file string, data []byte, rules []string, names map[string]string) (*Config, error) {
	r := reader{rules: rules, names: names, out: &Config{File: file, Severity: map[string]finding.Severity{}}}
	docs := document.Parse(file, data)
	for i, d := range docs {
		for _, p := range d.Problems {
			r.bad(p.At, "%s", p.Message)
		}
		if i > 0 {
			r.bad(finding.Location{File: file, Line: d.Line, Column: 1}, "a configuration file holds one document only")
		}
	}
	if len(docs) > 0 && len(r.problems) == 0 {
		r.root(docs[0].Root)
	}
	if len(r.problems) > 0 {
		return nil, &Error{r.problems}
	}
	return r.out, nil
}

// reader fills a Config and collects what is wrong.
type reader struct {
	rules    []string
	names    map[string]string
	out      *Config
	problems []string
}

func (r *reader) bad(at finding.Location, format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// fields hands each field of a map to the function for its name.
func (r *reader) fields(v *document.Value, what string, known map[string]func(*document.Value)) {
	if v.Kind != document.Map {
		r.bad(v.Location(), "%s must be a map, is a %s", what, v.Kind)
		return
	}
	for _, f := range v.Fields() {
		read := known[f.Name()]
		if read == nil {
			r.bad(f.KeyLocation(), "unknown setting %q%s", f.Path(), hint(f.Name(), keys(known)))
			continue
		}
		read(f)
	}
}

func keys(known map[string]func(*document.Value)) []string {
	var out []string
	for name := range known {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// hint suggests a name, or lists all where none is near.
func hint(name string, known []string) string {
	if like := schema.Suggest(name, known); like != "" {
		return fmt.Sprintf(", did you mean %q?", like)
	}
	if len(known) > 20 {
		return ""
	}
	return ", want one of " + strings.Join(known, ", ")
}

// text reads a scalar. A number is taken as it is written, so 1.30 needs no
// quotes.
func (r *reader) text(v *document.Value) (string, bool) {
	switch v.Kind {
	case document.String, document.Int, document.Float:
		if v.Text != "" {
			return v.Text, true
		}
	}
	r.bad(v.Location(), "%s must be a text, is %s", v.Path(), a(v))
	return "", false
}

func a(v *document.Value) string {
	switch {
	case v.Kind == document.Null, v.Text == "" && v.Scalar():
		return "empty"
	case v.Kind == document.Int:
		return "an integer"
	}
	return "a " + v.Kind.String()
}

// oneOf reads a scalar that has to be one of some words.
func (r *reader) oneOf(v *document.Value, words ...string) (string, bool) {
	text, ok := r.text(v)
	if ok && !slices.Contains(words, text) {
		r.bad(v.Location(), "%s: unknown value %q%s", v.Path(), text, hint(text, words))
		return "", false
	}
	return text, ok
}

// rule reads the ID of a rule, a prefix of IDs or the name of a rule.
func (r *reader) rule(text string, at finding.Location) (string, bool) {
	if id := r.names[strings.ToLower(text)]; id != "" {
		return id, true
	}
	id := strings.ToUpper(text)
	if id != "" && slices.ContainsFunc(r.rules, func(known string) bool { return strings.HasPrefix(known, id) }) {
		return id, true
	}
	suggestion := ""
	if like := schema.Suggest(id, r.rules); like != "" {
		suggestion = fmt.Sprintf(", did you mean %s?", like)
	}
	r.bad(at, "no rule matches %q%s", text, suggestion)
	return "", false
}
