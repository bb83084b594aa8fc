package writer

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// Diff prints a unified diff. Line ends stay as they are, so that a diff of a
// file with CRLF can be applied; other control characters are written out.
func Diff(w io.Writer, diff []byte, color bool) error {
	p := painter(color)
	var b strings.Builder
	top := false
	for line := range strings.Lines(string(diff)) {
		text := strings.TrimRight(line, "\r\n")
		end := line[len(text):]
		bom := ""
		if top && len(text) > 1 && strings.HasPrefix(text[1:], "\ufeff") {
			bom = text[:1] + "\ufeff" // at the head of a file, where git and patch look for it
		}
		text = bom + cleanTabbed(strings.TrimPrefix(text, bom))
		top = strings.HasPrefix(text, "@@ -1,") || top && strings.HasPrefix(text, "-")
		switch {
		case strings.HasPrefix(text, "--- "), strings.HasPrefix(text, "+++ "):
			text = p.bold(text)
		case strings.HasPrefix(text, "@@"):
			text = p.paint("36", text)
		case strings.HasPrefix(text, "+"):
			text = p.green(text)
		case strings.HasPrefix(text, "-"):
			text = p.paint("31", text)
		}
		b.WriteString(text + end)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing diff: %w", err)
	}
	return nil
}

// Outlook says in one line what fixing would come to.
func Outlook(w io.Writer, fixed, files int, left report.Summary) error {
	_, err := fmt.Fprintf(w, "--fix would fix %s in %s; left: %s, %s, %d info\n",
		finding.Count(fixed, "finding"), finding.Count(files, "file"), finding.Count(left.Error, "error"), finding.Count(left.Warning, "warning"), left.Info)
	if err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

// cleanTabbed is clean for text whose tabs stay.
func cleanTabbed(s string) string {
	parts := strings.Split(s, "\t")
	for i, part := range parts {
		parts[i] = clean(part)
	}
	return strings.Join(parts, "\t")
}
