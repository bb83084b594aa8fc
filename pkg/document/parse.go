package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
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
	Dangling                        // a symbolic link that leads to nothing
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
	// Line is the line of the file on which the document starts, at its --- or
	// its first value; the first line to be read where it has a syntax error.
	Line int
	// Root is nil for a document without any value, such as comments only.
	Root     *Value
	Problems []Problem
	// Blanked says that lines with nothing but template expressions were left
	// out, so that Root may lack what they stand for.
	Blanked bool
	// Comments are those for meshctl. Where several documents share a part of
	// the file between two --- lines they are the last one's.
	Comments []Comment
}

// Parse reads every document of a file. It never fails: what cannot be read
// becomes a Problem of the document where it stands, and the other documents
// are read all the same. Documents without content are left out, so an empty
// file gives none.
func Parse(file string, data []byte) []*Document {
	return parseAs(file, data, part{})
}

// ParsePart is Parse for a part of a file of objects, which may hold as many
// values as its text can.
func ParsePart(file string, p Part) []*Document {
	return parseAs(file, p.Text, part{offset: p.Line, large: true})
}

func parseAs(file string, data []byte, whole part) []*Document {
	if p, bad := unreadable(file, data, whole.large); bad {
		return []*Document{{File: file, Line: 1, Problems: []Problem{p}}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var docs []*Document
	for _, p := range split(data) {
		p.file, p.large = file, whole.large
		p.offset += whole.offset
		for _, doc := range parsePart(p) {
			if doc.Root != nil || len(doc.Problems) > 0 {
				docs = append(docs, doc)
			}
		}
	}
	return docs
}

// Part is the text of one document of a file.
type Part struct {
	// Line is how many lines of the file precede it.
	Line int
	Text []byte
}

// Split cuts a file at its document markers, without parsing it.
func Split(data []byte) []Part {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	parts := split(data)
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = Part{p.offset, p.text}
	}
	return out
}

func unreadable(file string, data []byte, large bool) (Problem, bool) {
	at := finding.Location{File: file, Line: 1, Column: 1}
	switch {
	case len(data) > MaxBytes && !large:
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

// part is the text of one document, the file it is of, and how many lines of
// that file, or of the string that holds it, precede it.
type part struct {
	text   []byte
	offset int
	file   string
	in     *embedding // of text that stands in a string of another document
	rough  bool       // template expressions were taken out of it
	large  bool       // it may hold more than maxNodes values
}

// at is the place in the file of a line and a column of the part.
func (p part) at(line, column int) finding.Location {
	if p.in != nil {
		return p.in.at(line+p.offset, column)
	}
	return finding.Location{File: p.file, Line: line + p.offset, Column: column}
}

// source is the text that edits of the part's values change; nil for none.
func (p part) source() *source {
	switch {
	case p.rough:
		return nil // of what is to be rendered first
	case p.in != nil:
		return p.in.src
	}
	return &source{file: p.file, text: p.text, offset: p.offset}
}

// split cuts a file at its document markers. The parser would do so too, but
// it stops at the first syntax error and would hide the documents behind it.
// Directives and comments above a --- belong to the document below it.
func split(data []byte) []part {
	s := splitter{data: data, parts: make([]part, 0, bytes.Count(data, []byte("\n---"))+1)}
	for pos := 0; pos < len(data); s.line++ {
		end := len(data)
		if nl := bytes.IndexByte(data[pos:], '\n'); nl >= 0 {
			end = pos + nl + 1
		}
		s.read(pos, end)
		pos = end
	}
	return append(s.parts, part{text: data[s.start:], offset: s.startLine})
}

// splitter holds how far split has come, and what the open part has so far.
type splitter struct {
	data             []byte
	parts            []part
	start, startLine int
	line             int
	directive        bool // a line such as %YAML 1.1
	content          bool // more than directives and comments
}

// read looks at the line between two positions.
func (s *splitter) read(pos, end int) {
	text := s.data[pos:end]
	switch {
	case marker(text, "---"):
		if s.content {
			s.cut(pos, s.line)
		}
		s.content = true
	case marker(text, "..."):
		s.cut(end, s.line+1)
	case s.content || isComment(text):
	case text[0] == '%':
		s.directive = true
	default:
		s.content = true
	}
}

// cut ends the open part. A second ... after a document ends nothing, which
// is legal, but not to the parser; at the start of a file istioctl refuses it.
func (s *splitter) cut(at, line int) {
	if s.content || s.directive || len(s.parts) == 0 {
		s.parts = append(s.parts, part{text: s.data[s.start:at], offset: s.startLine})
	}
	s.start, s.startLine, s.content, s.directive = at, line, false, false
}

func marker(line []byte, mark string) bool {
	return bytes.HasPrefix(line, []byte(mark)) && (len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])))
}

func isComment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

// parsePart reads a part to its end: split knows line feeds only, but to the
// parser a lone carriage return ends a line as well, and what stands behind a
// complete value would not be looked at otherwise.
func parsePart(p part) []*Document {
	var docs []*Document
	var trees []*yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(p.text))
	for {
		var node yaml.Node
		err := dec.Decode(&node)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			docs = append(docs, &Document{File: p.file, Line: p.at(1, 1).Line, Problems: []Problem{syntaxProblem(p, err)}})
			break
		}
		trees = append(trees, &node)
		docs = append(docs, buildDocument(p, &node))
	}
	if len(docs) == 1 && docs[0].template() != nil && !p.rough {
		if doc := roughly(p, *docs[0].template()); doc != nil {
			docs[0] = doc
		}
	}
	if len(docs) > 0 {
		docs[len(docs)-1].Comments = comments(p, trees)
	}
	return docs
}

func buildDocument(p part, node *yaml.Node) *Document {
	doc := &Document{File: p.file, Line: p.at(max(node.Line, 1), 1).Line}
	b := builder{part: p, widths: widths(p.text), bangs: bytes.Contains(p.text, []byte("!")), src: p.source()}
	root := b.build(node)
	doc.Problems = b.problems
	if b.complexKey != nil {
		if template, found := templateProblem(p); found {
			doc.Problems = []Problem{template}
			return doc
		}
	}
	if root != nil && (root.Kind != Null || root.Text != "") {
		doc.Root = root
	}
	return doc
}

// widths counts the characters of every line.
func widths(text []byte) []int {
	var out []int
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		out = append(out, utf8.RuneCount(line))
	}
	return out
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?:column \d+: )?`)

// syntaxProblem turns the parser's words into a place. The parser names a
// line at most, and counts from 0 for some errors, so the column is that of
// the line's first character; tabs and templates, the two usual causes, are
// looked for and named.
func syntaxProblem(p part, err error) Problem {
	if template, found := templateProblem(p); found {
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
		line = max(line, breaks(p.text, message))
		if strings.HasSuffix(message, "<document start>") {
			message = "text outside of any document; is a line of --- missing above it?"
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
	return Problem{Kind: Syntax, At: p.at(line, column), Message: "not valid YAML: " + message}
}

// breaks finds the line that ends a block where it may not end, for which the
// parser only names the line where the block began: with every line up to
// there it says the same, with fewer lines it does not. It is 0 for messages
// of other kinds, whose lines are right.
func breaks(text []byte, message string) int {
	if message != "did not find expected key" && message != "did not find expected '-' indicator" {
		return 0
	}
	var ends []int
	for i, c := range text {
		if c == '\n' || i == len(text)-1 {
			ends = append(ends, i+1)
		}
	}
	return 1 + sort.Search(len(ends)-1, func(i int) bool {
		var node yaml.Node
		err := yaml.NewDecoder(bytes.NewReader(text[:ends[i]])).Decode(&node)
		return err != nil && strings.HasSuffix(err.Error(), message)
	})
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
