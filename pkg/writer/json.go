// Package writer prints reports, one file and one function a format.
package writer

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/meshctl/meshctl/pkg/report"
)

// JSON prints the report as documented in README.md, indented.
func JSON(w io.Writer, r *report.Report) error { return Encode(w, r) }

// Encode prints any value as every command prints JSON: indented, and with
// the characters of HTML as they are.
func Encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing json: %w", err)
	}
	return nil
}
