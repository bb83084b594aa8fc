package writer

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/meshctl/meshctl/pkg/report"
)

// LastEvent ends a stream of events with the report, on one line.
func LastEvent(w io.Writer, r *report.Report) error {
	line, err := json.Marshal(report.Event{Type: "report", Report: r})
	if err != nil {
		return fmt.Errorf("encoding the report: %w", err)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
