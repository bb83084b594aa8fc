package mask

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/secret"
)

// Text masks what is known as a secret, and what shows itself as one.
func (s *Set) Text(text string) string { return s.about(text) }

// about masks a text that is said about places: there also secrets that are
// too short or too common to be looked for everywhere.
func (s *Set) about(text string, places ...finding.Location) string {
	if s != nil {
		for _, sec := range s.hidden {
			if sec.known || slices.ContainsFunc(places, sec.near) {
				text = sec.mask(text)
			}
		}
	}
	return secret.Text(text)
}

// near says whether a place is the secret's own, its line, or a map or list
// that holds it.
func (s hidden) near(l finding.Location) bool {
	if l.File != s.at.File || l.File == "" {
		return false
	}
	return l.Line > 0 && l.Line == s.at.Line || within(l.Path, s.at.Path) || within(s.at.Path, l.Path)
}

// within says whether a path is another one or at most two steps below it.
func within(above, path string) bool {
	rest, below := strings.CutPrefix(path, above)
	if !below || above == "" || rest != "" && rest[0] != '.' && rest[0] != '[' {
		return false
	}
	return strings.Count(rest, ".")+strings.Count(rest, "[") <= 2
}

// mask replaces the secret in a text, as it is and in the forms in which a
// message may hold it: escaped, in lines, and cut short.
func (s hidden) mask(text string) string {
	forms := []string{s.text, inner(s.text)}
	if lines := strings.Split(s.text, "\n"); len(lines) > 1 {
		for _, l := range lines {
			if l = strings.TrimSpace(l); len(l) >= 8 {
				forms = append(forms, l, inner(l))
			}
		}
	}
	for _, form := range forms {
		text = replaceWord(text, form)
	}
	return replaceStart(text, s.text)
}

// inner is a text as %q prints it, without the quotes.
func inner(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// replaceWord replaces a text where it is no part of a longer word.
func replaceWord(in, word string) string {
	var b strings.Builder
	for {
		at := strings.Index(in, word)
		if at < 0 || word == "" {
			return b.String() + in
		}
		before, _ := utf8.DecodeLastRuneInString(in[:at])
		after, _ := utf8.DecodeRuneInString(in[at+len(word):])
		first, _ := utf8.DecodeRuneInString(word)
		last, _ := utf8.DecodeLastRuneInString(word)
		b.WriteString(in[:at])
		if joined(before, first) || joined(last, after) {
			b.WriteString(word)
		} else {
			b.WriteString(secret.Mask)
		}
		in = in[at+len(word):]
	}
}

func joined(a, b rune) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	return letter(a) && letter(b)
}

// replaceStart replaces the beginning of a long secret that a message cut.
func replaceStart(in, whole string) string {
	enough := 12
	if e := document.Expression(whole); strings.HasPrefix(whole, e) {
		enough += len(e) // alone it is no secret, and stands in many places
	}
	if len(whole) <= enough {
		return in
	}
	for {
		at := strings.Index(in, whole[:enough])
		if at < 0 {
			return in
		}
		end := enough
		for end < len(whole) && at+end < len(in) && in[at+end] == whole[end] {
			end++
		}
		in = in[:at] + secret.Mask + in[at+end:]
	}
}

// Report returns a copy of a report in which nothing is secret. Every report
// passes through here before a writer gets it.
func (s *Set) Report(r *report.Report) *report.Report {
	out := *r
	out.Failure = s.Text(r.Failure)
	out.Clusters = slices.Clone(r.Clusters)
	for i, c := range out.Clusters {
		out.Clusters[i].Failure = s.Text(c.Failure)
	}
	out.Rules = slices.Clone(r.Rules)
	for i, rule := range out.Rules {
		out.Rules[i].Reason, out.Rules[i].Undecided = s.Text(rule.Reason), s.Text(rule.Undecided)
	}
	out.Findings = slices.Clone(r.Findings)
	for i, f := range out.Findings {
		out.Findings[i] = s.Finding(f)
	}
	out.Suppressed = slices.Clone(r.Suppressed)
	for i, left := range out.Suppressed {
		out.Suppressed[i].Finding = s.Finding(left.Finding)
		out.Suppressed[i].By.Reason = s.Text(left.By.Reason)
	}
	return &out
}

// Finding masks one finding.
func (s *Set) Finding(f finding.Finding) finding.Finding {
	places := []finding.Location{f.At}
	for _, rel := range f.Related {
		places = append(places, rel.At)
	}
	f.Message, f.At = s.about(f.Message, places...), s.place(f.At)
	f.Related = slices.Clone(f.Related)
	for i, rel := range f.Related {
		f.Related[i] = finding.Related{Message: s.about(rel.Message, places...), At: s.place(rel.At)}
	}
	if f.Fix != nil {
		f.Fix = s.fix(*f.Fix, places)
	}
	return f
}

// fix masks the description. Edits that would show a secret are left out
// together: masked, they would destroy the file of a reader that makes them.
func (s *Set) fix(fix finding.Fix, places []finding.Location) *finding.Fix {
	fix.Description = s.about(fix.Description, places...)
	for _, e := range fix.Edits {
		if masked := strings.Join(secret.Lines(s.about(e.Text, places...)), "\n"); masked != e.Text {
			fix.Edits = nil
			break
		}
	}
	return &fix
}

// place masks an expression of the command line that stands for a file.
func (s *Set) place(at finding.Location) finding.Location {
	if expr, ok := strings.CutPrefix(at.File, secret.SetPrefix); ok {
		if s != nil {
			for _, sec := range s.hidden {
				if sec.at.File == at.File {
					expr = sec.mask(expr)
				}
			}
		}
		masked, _ := secret.Expression(expr)
		at.File = secret.SetPrefix + secret.Text(masked)
	}
	return at
}

// Lines returns the lines of a file with its secrets masked.
func (s *Set) Lines(name, text string) []string {
	lines := secret.Lines(text)
	if s == nil {
		return lines
	}
	for i, l := range lines {
		for _, sec := range s.hidden {
			if sec.known || sec.at.File == name && sec.at.Line == i+1 {
				l = sec.mask(l)
			}
		}
		lines[i] = l
	}
	return lines
}
