package istio

import (
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

// blamed finds the value that a message of Istio's validation is about, which
// tells no place: a value or a field that it names and that stands exactly once
// in the object. It is "" where that is not sure.
func (o *origin) blamed(text string) string {
	o.FieldMap()
	if m := atRule.FindStringSubmatch(text); m != nil {
		return o.only(func(v *document.Value) bool { return v.Path() == "spec.rules["+m[1]+"]" })
	}
	var places []string
	for _, is := range []func(*document.Value) bool{o.valueIn(text), fieldIn(text)} {
		for _, v := range o.values {
			if strings.HasPrefix(v.Path(), "spec.") && is(v) {
				places = append(places, v.Path())
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

func (o *origin) only(is func(*document.Value) bool) string {
	if i := slices.IndexFunc(o.values, is); i >= 0 {
		return o.values[i].Path()
	}
	return ""
}

// valueIn says whether a text names a value: in quotes, by a word that is none
// of English, or a number behind the name of its field.
func (o *origin) valueIn(text string) func(*document.Value) bool {
	quoted := map[string]bool{}
	for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
		quoted[m[1]+m[2]+m[3]] = true
	}
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

// fieldIn says whether a text names a field, by a name that is no English word.
func fieldIn(text string) func(*document.Value) bool {
	list := words(text)
	return func(v *document.Value) bool {
		name := v.Name()
		return name != "" && slices.ContainsFunc(list, func(word string) bool {
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
