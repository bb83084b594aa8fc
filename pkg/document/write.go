package document

import "strings"

// insert writes what is missing of the path and the lines of the field
// itself, which come without indentation.
func (p *spot) insert(body []string) []change {
	if p.flow {
		return p.insertFlow(body)
	}
	var out strings.Builder
	indent, end := p.indent, p.src.lineBreak()
	for _, name := range p.path[:len(p.path)-1] {
		out.WriteString(strings.Repeat(" ", indent) + p.key(name) + ":" + end)
		indent += p.step
	}
	for _, line := range body {
		if strings.Trim(line, "\r\n") != "" {
			line = strings.Repeat(" ", indent) + line
		}
		if !strings.HasSuffix(line, "\n") {
			line += end
		}
		out.WriteString(line)
	}
	if p.end == p.start {
		return []change{p.src.newLines(p.start, out.String())}
	}
	// An empty {}; what follows it on its line stays there.
	return []change{{p.span, ""}, p.src.newLines(p.src.nextLine(p.end), out.String())}
}

// newLines puts lines before a place, or behind a last line that has no line
// break and keeps none.
func (s *source) newLines(at int, text string) change {
	if s.unended(at) {
		text = s.lineBreak() + strings.TrimRight(text, "\r\n")
	}
	return change{span{at, at}, text}
}

func (p *spot) insertFlow(body []string) []change {
	if len(body) != 1 {
		return nil
	}
	text := strings.TrimRight(body[0], "\r\n")
	for i := len(p.path) - 2; i >= 0; i-- {
		text = p.key(p.path[i]) + ": {" + text + "}"
	}
	if len(p.into.fields) > 0 {
		text = ", " + text
	}
	return []change{{p.span, text}}
}
