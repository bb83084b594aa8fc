package writer

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/meshctl/meshctl/pkg/finding"
)

// painter adds ANSI colours, or none.
type painter bool

func (p painter) paint(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string  { return p.paint("1", s) }
func (p painter) dim(s string) string   { return p.paint("2", s) }
func (p painter) green(s string) string { return p.paint("32", s) }

func (p painter) severity(s finding.Severity) string { return p.severityText(s, s.String()) }

func (p painter) severityText(s finding.Severity, text string) string {
	return p.paint(map[finding.Severity]string{finding.Error: "31", finding.Warning: "33", finding.Info: "36"}[s], text)
}

// Clean makes text from files and clusters safe for a terminal.
func Clean(s string) string { return clean(s) }

// CleanLines is Clean for text of several lines, whose line ends stay.
func CleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// Brief shortens a value for one line of a plan and makes it safe; an empty
// one is shown as (none).
func Brief(s string) string {
	if s == "" {
		return "(none)"
	}
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 70 {
		s = string(runes[:67]) + "..."
	}
	return clean(s)
}

// clean makes text from files and clusters safe for a terminal: control
// characters, which could move the cursor or hide lines, are written out.
func clean(s string) string {
	if strings.IndexFunc(s, unsafe) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unsafe(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unsafe(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}
