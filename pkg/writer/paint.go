package writer

import "github.com/meshctl/meshctl/pkg/finding"

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
