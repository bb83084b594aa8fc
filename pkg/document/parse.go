package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/meshctl/meshctl/pkg/finding"
)

// MaxBytes is the largest file that is parsed: 16 MiB. The longest values
// file seen in public repositories is under 100 KiB, so more than this is not
// an installation file but a mistake.
const MaxBytes = 16 << 20

// ProblemKind says what is wrong with a text before its meaning is looked at.
type ProblemKind int

// The kinds of problems.
const (
	Syntax       ProblemKind = iota // not YAML
	DuplicateKey                    // a key stands twice in one map
	NotText                         // binary, UTF-16 or broken UTF-8
	TooLarge                        // over MaxBytes, or aliases that explode
	Template                        // {{ }} that has to be rendered first
	Empty                           // no value at all, such as comments only
	NotOurs                         // no Istio installation although one was expected
	Several                         // more configurations than may be merged
)

// Problem is a place in a text that cannot be read as YAML should be.
type Problem struct {
	Kind    ProblemKind
	At      finding.Location
	Message string
	// Key is the key that stands twice, First its earlier place.
	Key   string
	First finding.Location
}

// Document is one YAML document of a file.
type Document struct {
	File string
	// Line is the line of the file on which the document starts.
	Line int
	// Root is nil for a document without any value, such as comments only.
	Root     *Value
	Problems []Problem
}

// Parse reads every document of a file. It never fails: what cannot be read
// becomes a Problem of the document where it stands, and the other documents
// are read all the same. Documents without content are left out, so an empty
// file gives none.
func Parse(file string, data []byte) []*Document {
	if p, bad := unreadable(file, data); bad {
		return []*Document{{File: file, Line: 1, Problems: []Problem{p}}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var docs []*Document
	for _, part := range split(data) {
		if doc := parseOne(file, part); doc.Root != nil || len(doc.Problems) > 0 {
			docs = append(docs, doc)
		}
	}
	return docs
}

func unreadable(file string, data []byte) (Problem, bool) {
	at := finding.Location{File: file, Line: 1, Column: 1}
	switch {
	case len(data) > MaxBytes:
		return Problem{Kind: TooLarge, At: at, Message: fmt.Sprintf("file is larger than the %d MiB that an installation file may have", MaxBytes>>20)}, true
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return Problem{Kind: NotText, At: at, Message: "file is UTF-16; save it as UTF-8"}, true
	case bytes.IndexByte(data, 0) >= 0:
		return Problem{Kind: NotText, At: at, Message: "file is binary, not YAML"}, true
	case !utf8.Valid(data):
		at.Line, at.Column = invalidAt(data)
		return Problem{Kind: NotText, At: at, Message: "file is not valid UTF-8"}, true
	}
	return Problem{}, false
}

func invalidAt(data []byte) (line, column int) {
	line, column = 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return line, column
}

// part is the text of one document and the lines of the file before it.
type part struct {
	text   []byte
	offset int
}

// split cuts a file at its document markers. The parser would do so too, but
// it stops at the first syntax error and would hide the documents behind it.
func split(data []byte) []part {
	var parts []part
	start, startLine, line := 0, 0, 0
	for pos := 0; pos < len(data); line++ {
		end := len(data)
		if nl := bytes.IndexByte(data[pos:], '\n'); nl >= 0 {
			end = pos + nl + 1
		}
		if marker(data[pos:end]) && pos > start {
			parts = append(parts, part{data[start:pos], startLine})
			start, startLine = pos, line
		}
		pos = end
	}
	return append(parts, part{data[start:], startLine})
}

func marker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])))
}

func parseOne(file string, p part) *Document {
	doc := &Document{File: file, Line: p.offset + 1}
	var node yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(p.text)).Decode(&node)
	if errors.Is(err, io.EOF) {
		return doc
	}
	if err != nil {
		doc.Problems = []Problem{syntaxProblem(file, p, err)}
		return doc
	}
	b := builder{file: file, offset: p.offset}
	root := b.build(&node)
	doc.Problems = b.problems
	if b.complexKey != nil {
		if template, found := templateProblem(file, p); found {
			doc.Problems = []Problem{template}
			return doc
		}
	}
	if root != nil && (root.Kind != Null || root.Text != "") {
		doc.Root = root
	}
	return doc
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?:column \d+: )?`)

// syntaxProblem turns the parser's words into a place. The parser names a
// line at most, and counts from 0 for some errors, so the column is that of
// the line's first character; tabs and templates, the two usual causes, are
// looked for and named.
func syntaxProblem(file string, p part, err error) Problem {
	if template, found := templateProblem(file, p); found {
		return template
	}
	message := err.Error()
	line := 1
	if m := yamlErrorLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if n, convErr := strconv.Atoi(m[1]); convErr == nil && n > 0 {
			line = n
		}
		if strings.HasPrefix(message, "did not find expected") {
			line++ // these count from 0
		}
	}
	lines := strings.Split(strings.TrimRight(string(p.text), " \r\n"), "\n")
	if n := tabLine(outline(p.text)); n > 0 {
		line, message = n, "tab used for indentation; YAML allows only spaces"
	}
	line = min(line, len(lines))
	text := lines[line-1]
	column := utf8.RuneCountInString(text[:len(text)-len(strings.TrimLeft(text, " "))]) + 1
	if l, c := unknownAnchor(lines, message); l > 0 {
		line, column = l, c
	}
	at := finding.Location{File: file, Line: line + p.offset, Column: column}
	return Problem{Kind: Syntax, At: at, Message: "not valid YAML: " + message}
}

var anchorName = regexp.MustCompile(`^unknown anchor '([^']+)' referenced`)

// unknownAnchor finds the alias that the parser complains about without a
// line; 0 for other messages.
func unknownAnchor(lines []string, message string) (line, column int) {
	m := anchorName.FindStringSubmatch(message)
	if m == nil {
		return 0, 0
	}
	for i, l := range lines {
		if at := strings.Index(l, "*"+m[1]); at >= 0 {
			return i + 1, utf8.RuneCountInString(l[:at]) + 1
		}
	}
	return 0, 0
}

func tabLine(lines []string) int {
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, " "), "\t") && strings.TrimSpace(l) != "" {
			return i + 1
		}
	}
	return 0
}
