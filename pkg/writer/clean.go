package writer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	return clean(shorten(strings.Join(strings.Fields(s), " "), 70))
}

// shorten cuts a text to a number of characters, with an ellipsis.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-3]) + "..."
	}
	return s
}

// clean makes text from files and clusters safe for a terminal and for every
// format: characters that could move the cursor, hide or turn round what
// stands beside them are written out, and so are bytes that are no text.
func clean(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, unsafe) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafe(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unsafe says whether a character has an effect instead of a look: control
// characters (C0, DEL and C1, which holds a second escape), line and paragraph
// separators, and the format characters: direction, zero width, tags.
func unsafe(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r)
}
