package writer

import (
	"regexp"
	"strings"
)

// quoted matches a value in a message, as %q prints it.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)+"`)

// markup is a message as Markdown for a table cell: values in quotes become
// code, the rest stays prose.
func markup(message string) string {
	var b strings.Builder
	message = clean(shorten(message, maxCell))
	last := 0
	for _, m := range quoted.FindAllStringIndex(message, -1) {
		b.WriteString(prose(message[last:m[0]]))
		b.WriteString(code(message[m[0]+1 : m[1]-1]))
		last = m[1]
	}
	b.WriteString(prose(message[last:]))
	return b.String()
}

// maxCell bounds one text of a comment; a whole policy may stand in a value.
const maxCell = 400

var backticks = regexp.MustCompile("`+")

// code makes a code span, in which nothing is markup and nobody is mentioned.
// Its fence is longer than any run of backticks inside. A table needs its
// pipes escaped there too.
func code(s string) string {
	s = strings.TrimSpace(clean(shorten(s, maxCell)))
	fence := "`"
	for _, run := range backticks.FindAllString(s, -1) {
		if len(run) >= len(fence) {
			fence = run + "`"
		}
	}
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s == "" {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(s, "|", `\|`) + pad + fence
}

// escapes keeps text from being markup. A backslash makes punctuation plain.
// Mentions, references and addresses are looked for in what came of the
// Markdown, so a character of each gets an element of its own.
var escapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "://", "<span>:</span>//", "@", "<span>@</span>", "#", "<span>#</span>", "www.", "www<span>.</span>",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`,
	"+", `\+`, "-", `\-`, "!", `\!`, "|", `\|`, "~", `\~`, "$", `\$`, "=", `\=`,
)

// prose is plain text as Markdown.
func prose(s string) string { return escapes.Replace(clean(s)) }
