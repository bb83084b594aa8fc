package secret

import (
	"regexp"
	"strings"
)

var (
	entry = regexp.MustCompile(`^(\s*(?:-\s+)*)["']?([A-Za-z0-9_./-]+)["']?(\s*:\s+)(\S.*)$`)
	flow  = regexp.MustCompile(`["']?([A-Za-z0-9_./-]+)["']?(\s*:\s*)("[^"]*"|'[^']*'|[^\s,{}\[\]][^,{}]*)`)
	pairs = regexp.MustCompile(`((?:name|key):\s*["']?([A-Za-z0-9_.-]+)["']?\s*,\s*(?:value|stringValue):\s*)("[^"]*"|'[^']*'|[^,{}]+)`)
)

// lineMasker goes through a text line by line.
type lineMasker struct {
	block  int   // indentation of the key whose block scalar is secret; -1 outside
	pem    bool  // inside a private key
	name   Class // of a "name:" on a line before, for the "value:" below it
	indent int   // of that name
}

// Lines returns the lines of a text with its secrets masked. It reads lines,
// not YAML, so it works on files that are broken too.
func Lines(text string) []string {
	m := lineMasker{block: -1}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		end := ""
		if l, end = strings.TrimSuffix(l, "\r"), ""; strings.HasSuffix(lines[i], "\r") {
			end = "\r"
		}
		lines[i] = m.line(l) + end
	}
	return lines
}

func (m *lineMasker) line(l string) string {
	trimmed := strings.TrimLeft(l, " \t")
	indent := len(l) - len(trimmed)
	switch {
	case m.pem:
		m.pem = !strings.Contains(l, "-----END ")
		return l[:indent] + Mask
	case m.block >= 0 && trimmed != "" && (indent > m.block || strings.Contains(l[:indent], "\t")): // a tab is a mistake, but inside
		return l[:indent] + Mask
	case strings.Contains(l, "PRIVATE KEY-----") && strings.Contains(l, "-----BEGIN "):
		m.pem = !strings.Contains(l, "-----END ")
		return l[:strings.Index(l, "-----BEGIN ")] + Mask
	}
	if trimmed != "" {
		m.block = -1
	}
	p := entry.FindStringSubmatch(l)
	if p == nil {
		return inFlow(l)
	}
	return m.entry(l, p)
}

// entry masks the value of a key, if it has one on this line.
func (m *lineMasker) entry(l string, p []string) string {
	own, value := ClassOf(p[2]), strings.TrimSpace(p[4])
	at := len(p[1])
	switch p[2] {
	case "name", "key", "header":
		m.name, m.indent = ClassOf(strings.Trim(value, `"'`)), at
	case "value", "stringValue":
		if at == m.indent {
			own = m.name
		}
	}
	switch {
	case value[0] == '{' || value[0] == '[':
		return l[:len(l)-len(p[4])] + maskFlow(p[4], own)
	case own == Plain:
		return Text(l)
	case value[0] == '|' || value[0] == '>':
		m.block = at
		return l
	}
	bare, comment := value, ""
	if i := strings.Index(value, " #"); i > 0 && value[0] != '"' && value[0] != '\'' {
		bare, comment = strings.TrimSpace(value[:i]), value[i:]
	}
	if !own.Holds(strings.Trim(bare, `"'`)) {
		return Text(l)
	}
	return l[:len(l)-len(p[4])] + Mask + Text(comment)
}

// maskFlow masks inside of {…} and […]; a list below a secret's key is one.
func maskFlow(value string, own Class) string {
	if own == Password || own == Token && value[0] == '[' {
		return value[:1] + Mask + map[byte]string{'{': "}", '[': "]"}[value[0]]
	}
	return inFlow(value)
}

func inFlow(value string) string {
	if !strings.Contains(value, "{") {
		return Text(value)
	}
	value = pairs.ReplaceAllStringFunc(value, func(m string) string {
		p := pairs.FindStringSubmatch(m)
		if !ClassOf(p[2]).Holds(strings.Trim(strings.TrimSpace(p[3]), `"'`)) {
			return m
		}
		return p[1] + Mask
	})
	return Text(flow.ReplaceAllStringFunc(value, func(m string) string {
		p := flow.FindStringSubmatch(m)
		if !ClassOf(p[1]).Holds(strings.Trim(strings.TrimSpace(p[3]), `"'`)) {
			return m
		}
		return p[1] + p[2] + Mask
	}))
}
