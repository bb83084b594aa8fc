package mask

import (
	"regexp"
	"strconv"
	"strings"
)

// hunk matches the line above a part of a unified diff.
var hunk = regexp.MustCompile(`^@@ -([0-9]+),([0-9]+) \+([0-9]+),([0-9]+) @@`)

// side is one of the two files of a diff: its lines, masked, the next one and
// how many are left of the part.
type side struct {
	lines      []string
	next, left int
}

func (s *side) take() string {
	line := ""
	if s.next >= 1 && s.next <= len(s.lines) {
		line = s.lines[s.next-1]
	}
	s.next++
	s.left--
	return line
}

// Diff masks a unified diff of files. It takes the lines from the whole files,
// masked, because a part may begin inside of a private key. A part with a
// masked line cannot be applied any more; a secret in a build log is worse.
func (s *Set) Diff(diff []byte, before, after map[string][]byte) []byte {
	var out strings.Builder
	var old, now side
	for line := range strings.Lines(string(diff)) {
		text := strings.TrimSuffix(line, "\n")
		end := line[len(text):]
		switch {
		case old.left+now.left > 0:
			text = body(text, &old, &now)
		case strings.HasPrefix(text, "--- "):
			old = side{lines: s.Lines(text[4:], string(before[text[4:]]))}
		case strings.HasPrefix(text, "+++ "):
			now = side{lines: s.Lines(text[4:], string(after[text[4:]]))}
		default:
			if m := hunk.FindStringSubmatch(text); m != nil {
				old.next, old.left, now.next, now.left = number(m[1]), number(m[2]), number(m[3]), number(m[4])
			}
		}
		out.WriteString(text + end)
	}
	return []byte(out.String())
}

// body is a line of a part, with its mark.
func body(text string, old, now *side) string {
	switch {
	case strings.HasPrefix(text, "-"):
		return "-" + old.take()
	case strings.HasPrefix(text, "+"):
		return "+" + now.take()
	case strings.HasPrefix(text, " "):
		now.take()
		return " " + old.take()
	}
	return text // says that there is no newline
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // the expression lets digits through only
	return n
}
