package istio

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/meshctl/meshctl/pkg/document"
)

// nowhere is where Istio's validation says that all is wrong.
const nowhere = "metadata.name"

var (
	quotedWord = regexp.MustCompile("\"([^\"]+)\"|'([^']+)'|`([^`]+)`")
	atRule     = regexp.MustCompile(`found at rule ([0-9]+)`)
)

// blame finds the places of messages of Istio's validation, which tells none.
type blame struct {
	left int // bytes that may still be tried
	seen map[repeated]int
}

type repeated struct {
	origin *origin
	text   string
}

func newBlame() *blame { return &blame{maxTried, map[repeated]int{}} }

// place is the path of what a message is about: what it names, as far as it is
// not said without that, or the smallest part without which it is not said, and
// in there what it names. It is "" where that is not sure.
func (b *blame) place(o *origin, text string) string {
	number := b.seen[repeated{o, text}]
	b.seen[repeated{o, text}]++
	s := newSearch(o, text, &b.left)
	if s == nil {
		return o.blamed(text, "")
	}
	if v := o.value(text); v != nil && s.needs(v) {
		return v.Path()
	}
	part := s.place(number)
	return cmp.Or(o.blamed(text, part), part)
}

// value is what a message names, where it stands exactly once.
func (o *origin) value(text string) *document.Value {
	o.FieldMap()
	var found []*document.Value
	is := o.valueIn(text)
	for _, v := range o.values {
		if inside(v.Path(), "spec") && is(v) {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// blamed finds a value or a field that a message names and that stands exactly
// once in a part of the object. It is "" where that is not sure.
func (o *origin) blamed(text, part string) string {
	o.FieldMap()
	if m := atRule.FindStringSubmatch(text); m != nil && part == "" {
		return o.only(func(v *document.Value) bool { return v.Path() == "spec.rules["+m[1]+"]" })
	}
	var places []string
	for _, is := range []func(*document.Value) bool{o.valueIn(text), fieldIn(text)} {
		for _, v := range o.values {
			if path := v.Path(); inside(path, cmp.Or(part, "spec")) && is(v) {
				places = append(places, path)
			}
		}
		if len(places) > 0 {
			break
		}
	}
	if len(places) != 1 {
		return ""
	}
	return places[0]
}

// inside says whether a path leads to a part of what another leads to.
func inside(path, part string) bool {
	rest, ok := strings.CutPrefix(path, part)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

func (o *origin) only(is func(*document.Value) bool) string {
	if i := slices.IndexFunc(o.values, is); i >= 0 {
		return o.values[i].Path()
	}
	return ""
}

// valueIn says whether a text names a value: in quotes, by a word that is none
// of English, or a number behind the name of its field.
func (o *origin) valueIn(text string) func(*document.Value) bool {
	quoted := quotedIn(text)
	list := words(text)
	return func(v *document.Value) bool {
		if !v.Scalar() || v.Text == "" {
			return false
		}
		if quoted[v.Text] {
			return true
		}
		i := slices.Index(list, v.Text)
		return i >= 0 && (special(v.Text) || i > 0 && v.Name() != "" && list[i-1] == v.Name())
	}
}

func quotedIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
		out[m[1]+m[2]+m[3]] = true
	}
	return out
}

// fieldIn says whether a text names a field: in quotes, or by a name that is no
// English word.
func fieldIn(text string) func(*document.Value) bool {
	list, quoted := words(text), quotedIn(text)
	return func(v *document.Value) bool {
		name := v.Name()
		return quoted[name] || name != "" && slices.ContainsFunc(list, func(word string) bool {
			last := word[strings.LastIndex(word, ".")+1:]
			return last == name && (strings.ToLower(name) != name || last != word)
		})
	}
}

func words(text string) []string {
	var out []string
	for word := range strings.FieldsSeq(text) {
		if word = strings.Trim(word, "\"'`,:;()"); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// special says whether a word is neither English nor a number.
func special(word string) bool {
	letter := strings.ContainsFunc(word, unicode.IsLetter)
	return letter && strings.ContainsAny(word, "./_-*@:0123456789") || !letter && strings.ContainsAny(word, "./*:")
}
