package traffic

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// shape is an expression as far as it is text with ".*" before or behind it.
type shape struct {
	// literal is the text, dots is how many of its dots match any character.
	literal       string
	dots          int
	before, after bool // .*
	plain         bool // nothing else is in it
}

// shapeOf takes an expression apart. Envoy matches the whole value, so that ^
// and $ at its ends say nothing.
func shapeOf(regex string) shape {
	parsed, err := syntax.Parse(regex, syntax.Perl)
	if err != nil {
		return shape{}
	}
	parts := []*syntax.Regexp{parsed}
	if parsed.Op == syntax.OpConcat {
		parts = parsed.Sub
	}
	for len(parts) > 0 && beginning(parts[0]) {
		parts = parts[1:]
	}
	for len(parts) > 0 && end(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	s := shape{plain: true}
	if len(parts) > 0 && anything(parts[0]) {
		s.before, parts = true, parts[1:]
	}
	if len(parts) > 0 && anything(parts[len(parts)-1]) {
		s.after, parts = true, parts[:len(parts)-1]
	}
	var text strings.Builder
	for _, p := range parts {
		switch {
		case p.Op == syntax.OpLiteral && p.Flags&syntax.FoldCase == 0:
			text.WriteString(string(p.Rune))
		case p.Op == syntax.OpAnyCharNotNL || p.Op == syntax.OpAnyChar:
			text.WriteByte(open)
			s.dots++
		case p.Op == syntax.OpEmptyMatch:
		default:
			s.plain = false
		}
	}
	s.literal = strings.ReplaceAll(text.String(), string(open), ".")
	s.plain = s.plain && len(between().FindAllString(text.String(), -1)) == s.dots
	return s
}

// open stands for a dot that matches any character; one between letters is
// meant to be a dot.
const open = '\x00'

func between() *regexp.Regexp { return regexp.MustCompile(`\w\x00\b`) }

func beginning(r *syntax.Regexp) bool {
	return r.Op == syntax.OpBeginText || r.Op == syntax.OpBeginLine
}

func end(r *syntax.Regexp) bool { return r.Op == syntax.OpEndText || r.Op == syntax.OpEndLine }

func anything(r *syntax.Regexp) bool {
	return r.Op == syntax.OpStar && (r.Sub[0].Op == syntax.OpAnyCharNotNL || r.Sub[0].Op == syntax.OpAnyChar)
}

// simpler says what an expression could be written as, or what more it matches
// than it seems to.
func simpler(e expression) trouble {
	s := shapeOf(e.regex)
	switch {
	case s.plain && s.literal == "" && s.before && e.field:
		return trouble{fmt.Sprintf("\"%s\" asks only whether there is a value: {} says the same", e.regex), finding.Info}
	case s.plain && s.literal == "" && (s.before || s.after):
		return trouble{fmt.Sprintf("\"%s\" matches everything: leave the condition out%s", e.regex, orPrefix(e)), finding.Info}
	case s.plain && s.dots > 0 && s.literal != "" && !s.before:
		return trouble{fmt.Sprintf("the dots of \"%s\" match any character, so that it also matches %q: use %s %q", e.regex, strings.Replace(s.literal, ".", "x", 1), kind(s), s.literal), finding.Warning}
	case s.plain && !s.before && s.literal != "":
		return trouble{fmt.Sprintf("\"%s\" says the same as %s: %q, which proxies match faster", e.regex, kind(s), s.literal), finding.Info}
	case s.plain && s.before && s.after:
		return trouble{fmt.Sprintf("\"%s\" matches every value that has %q anywhere in it: name what stands before it, or use prefix or exact", e.regex, s.literal), finding.Warning}
	case e.host && openDots(e.regex):
		return trouble{fmt.Sprintf(`the dots between the names of "%s" match any character, so that it matches hosts of others too: write \.`, e.regex), finding.Warning}
	}
	return trouble{}
}

// orPrefix is for paths, where a rule must not be without any condition only
// because one is left out.
func orPrefix(e expression) string {
	if e.uri {
		return ", or use prefix: /"
	}
	return ""
}

func kind(s shape) string {
	if s.after {
		return "prefix"
	}
	return "exact"
}

// openDots says whether a dot that is not escaped stands between letters, as in
// a host name.
func openDots(regex string) bool { return betweenLetters().MatchString(regex) }

func betweenLetters() *regexp.Regexp { return regexp.MustCompile(`[a-zA-Z0-9]\.[a-zA-Z]{2,}`) }
