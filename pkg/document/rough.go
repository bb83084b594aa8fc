package document

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A file with template expressions is often no YAML. To judge what stands
// around them, lines that hold nothing else are blanked, and every other
// expression is replaced by as many characters of a private range, which are
// a word to the parser. Afterwards the expressions are put back, so that
// values hold what the file says, and all places are those of the file.

var (
	anyExpression  = regexp.MustCompile(`\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|@@?[A-Za-z][A-Za-z0-9_.-]*@@?|%[A-Za-z][A-Za-z0-9_]*%`)
	onlyExpression = regexp.MustCompile(`^\s*((` + anyExpression.String() + `)\s*)+$`)
	opened         = regexp.MustCompile(`^\s*(\{\{|\{%|<%)`)
	stand          = regexp.MustCompile(`[\x{E000}-\x{E3FF}]{3}\x{E400}*`)
)

// rough is a text without its template expressions.
type rough struct {
	lines   []string
	texts   []string       // the expressions that stand-ins stand for
	blanked map[int]string // expressions of lines that were blanked, from 1
}

// roughly reads a part around its template expressions; nil where that is no
// YAML either.
func roughly(p part, template Problem) *Document {
	r := &rough{lines: strings.Split(string(p.text), "\n"), blanked: map[int]string{}}
	if strings.ContainsFunc(string(p.text), func(c rune) bool { return c >= 0xE000 && c <= 0xE400 }) || !r.clear(outline(p.text)) {
		return nil
	}
	p.text, p.rough = []byte(strings.Join(r.lines, "\n")), true
	docs := parsePart(p)
	if len(docs) != 1 || docs[0].Root == nil {
		return nil
	}
	doc := docs[0]
	doc.Problems = append([]Problem{template}, r.problems(p, doc.Problems)...)
	doc.Blanked = len(r.blanked) > 0
	r.restore(p, doc.Root)
	return doc
}

// clear blanks and replaces. It gives up on an expression that runs over
// several lines without having the first one to itself.
func (r *rough) clear(outline []string) bool {
	open := ""
	for i, l := range r.lines {
		switch {
		case open != "":
			r.blank(i, open)
			if strings.Contains(l, "}}") || strings.Contains(l, "%}") || strings.Contains(l, "%>") {
				open = ""
			}
		case outline[i] == "":
		case onlyExpression.MatchString(strings.TrimRight(l, "\r")):
			r.blank(i, strings.TrimSpace(anyExpression.FindString(l)))
		case opened.MatchString(l) && !anyExpression.MatchString(l):
			open = strings.TrimSpace(l)
			r.blank(i, open)
		default:
			r.lines[i] = anyExpression.ReplaceAllStringFunc(l, r.standIn)
		}
	}
	return open == ""
}

func (r *rough) blank(i int, expression string) {
	r.lines[i] = ""
	r.blanked[i+1] = expression
}

// standIn is as long as the expression, and tells which one it is.
func (r *rough) standIn(expression string) string {
	n := len(r.texts)
	r.texts = append(r.texts, expression)
	digits := []rune{0xE000 + rune(n>>20&1023), 0xE000 + rune(n>>10&1023), 0xE000 + rune(n&1023)}
	return string(digits) + strings.Repeat("\uE400", utf8.RuneCountInString(expression)-len(digits))
}

// original puts the expressions back into a text.
func (r *rough) original(text string) string {
	return stand.ReplaceAllStringFunc(text, func(s string) string {
		d := []rune(s)
		if n := int(d[0]-0xE000)<<20 | int(d[1]-0xE000)<<10 | int(d[2]-0xE000); n < len(r.texts) {
			return r.texts[n]
		}
		return s
	})
}

// problems keeps those that the expressions do not explain: a key may well
// stand in both branches of an {{ if }}.
func (r *rough) problems(p part, found []Problem) []Problem {
	var out []Problem
	for _, problem := range found {
		if problem.Kind == TooLarge || problem.Kind == DuplicateKey && stand.FindString(problem.Key) == "" && !r.between(p, problem.First.Line, problem.At.Line) {
			out = append(out, problem)
		}
	}
	return out
}

func (r *rough) between(p part, first, last int) bool {
	for line := range r.blanked {
		if at := p.at(line, 1).Line; first <= at && at <= last {
			return true
		}
	}
	return false
}

// restore puts the expressions back into a tree. An empty value above a line
// that was blanked is not empty: the expression gives it.
func (r *rough) restore(p part, v *Value) {
	v.Text = r.original(v.Text)
	if v.name != "" {
		v.name = r.original(v.name)
	}
	if v.Kind == Null && v.Text == "" && v.key.Line != 0 {
		if expression := r.below(v.key.Line - p.at(1, 1).Line + 1); expression != "" {
			v.Kind, v.Text, v.place = String, expression, v.key
		}
	}
	for _, f := range v.fields {
		r.restore(p, f)
	}
	if v.Kind == Map {
		v.byName = make(map[string]*Value, len(v.fields))
		for _, f := range v.fields {
			v.byName[f.name] = f
		}
	}
}

// below is the expression of the first line below one that says anything; ""
// where that is no expression.
func (r *rough) below(line int) string {
	for n := line + 1; n <= len(r.lines); n++ {
		if expression := r.blanked[n]; expression != "" {
			return expression
		}
		if text := strings.TrimSpace(r.lines[n-1]); text != "" && text[0] != '#' {
			return ""
		}
	}
	return ""
}
