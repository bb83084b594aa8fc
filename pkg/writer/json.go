// Package writer prints reports, one file and one function a format.
package writer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/report"
)

// JSON prints the report as documented in README.md, indented.
func JSON(w io.Writer, r *report.Report) error { return Encode(w, r) }

// Encode prints any value as every command prints JSON: indented, and with
// the characters of HTML as they are. Those that could change a terminal are
// escaped as JSON allows, so that reading the text gives them back.
func Encode(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing json: %w", err)
	}
	if _, err := w.Write(escapeUnsafe(buf.Bytes())); err != nil {
		return fmt.Errorf("writing json: %w", err)
	}
	return nil
}

// escapeUnsafe writes unsafe characters as \u escapes. Outside of its strings
// JSON holds none of them but line ends, and inside those are escaped already.
func escapeUnsafe(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || !unsafe(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}
