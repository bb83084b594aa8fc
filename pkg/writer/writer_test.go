package writer

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/report"
)

// folder holds one report and what each format makes of it.
var folder = filepath.Join("..", "..", "testdata", "report")

func sample(t *testing.T) *report.Report {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var in report.Report
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	rep := report.New(in.Command, in.Rules, in.Findings)
	rep.Suppress(in.Suppressed)
	rep.Tool, rep.Target, rep.Files = in.Tool, in.Target, in.Files
	return rep
}

func options(color, snippets bool) TextOptions {
	return TextOptions{
		Color: color, Snippets: snippets, Suppressed: snippets,
		Source: func(file string, line int) string {
			if file == "istio.yaml" && line == 3 {
				return "    accessLogFil: /dev/stdout"
			}
			return ""
		},
		Fix: func(rule string) string { return "Mend " + rule + "." },
	}
}

func TestFormats(t *testing.T) {
	for name, print := range map[string]func(io.Writer, *report.Report) error{
		"json":          JSON,
		"text":          func(w io.Writer, r *report.Report) error { return Text(w, r, options(false, false)) },
		"text.snippets": func(w io.Writer, r *report.Report) error { return Text(w, r, options(false, true)) },
		"text.color":    func(w io.Writer, r *report.Report) error { return Text(w, r, options(true, true)) },
		"checklist":     func(w io.Writer, r *report.Report) error { return Checklist(w, r, options(false, false)) },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := print(&got, sample(t)); err != nil {
				t.Fatal(err)
			}
			golden(t, "want."+name, got.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join(folder, name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is printed now:\n%s", name, got)
	}
}

// TestNothingMovesTheCursor wants text from files and clusters to reach a
// terminal without control characters.
func TestNothingMovesTheCursor(t *testing.T) {
	var out bytes.Buffer
	if err := Text(&out, sample(t), options(false, true)); err != nil {
		t.Fatal(err)
	}
	if err := Checklist(&out, sample(t), options(false, true)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\x1b", "\r", "\u202e"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the output holds %q", bad)
		}
	}
}

// TestWriteErrors wants a full disk or a closed pipe to be an error.
func TestWriteErrors(t *testing.T) {
	for name, print := range map[string]func(io.Writer, *report.Report) error{
		"json":      JSON,
		"text":      func(w io.Writer, r *report.Report) error { return Text(w, r, TextOptions{}) },
		"checklist": func(w io.Writer, r *report.Report) error { return Checklist(w, r, TextOptions{}) },
	} {
		if err := print(closedPipe{}, sample(t)); err == nil {
			t.Errorf("%s: no error from a writer that fails", name)
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
