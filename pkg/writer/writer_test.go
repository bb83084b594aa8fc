package writer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
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
	}
}

// formats are all forms of a report, by the ending of their golden.
func formats() map[string]func(io.Writer, *report.Report) error {
	text := func(color, snippets bool) func(io.Writer, *report.Report) error {
		return func(w io.Writer, r *report.Report) error { return Text(w, r, options(color, snippets)) }
	}
	return map[string]func(io.Writer, *report.Report) error{
		"json": JSON, "sarif": SARIF, "gitlab": GitLab, "github": GitHub, "markdown": Markdown,
		"junit": func(w io.Writer, r *report.Report) error {
			return JUnit(w, r, JUnitOptions{Time: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), FailOn: finding.Error})
		},
		"text": text(false, false), "text.snippets": text(false, true), "text.color": text(true, true),
		"checklist": func(w io.Writer, r *report.Report) error { return Checklist(w, r, options(false, false)) },
		"checklist.quiet": func(w io.Writer, r *report.Report) error {
			o := options(false, false)
			o.Quiet = true
			return Checklist(w, r, o)
		},
	}
}

func printed(t testing.TB, format string, r *report.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := formats()[format](&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFormats(t *testing.T) {
	for name := range formats() {
		t.Run(name, func(t *testing.T) { golden(t, "want."+name, printed(t, name, sample(t))) })
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

// TestWriteErrors wants a full disk or a closed pipe to be an error.
func TestWriteErrors(t *testing.T) {
	for name, print := range formats() {
		if err := print(closedPipe{}, sample(t)); err == nil {
			t.Errorf("%s: no error from a writer that fails", name)
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestManyOfOneRule(t *testing.T) {
	r := &report.Report{Rules: []report.RuleResult{{ID: "VS003", Name: "short-name"}}}
	for range 5 {
		r.Findings = append(r.Findings, finding.Finding{Rule: "VS003", Name: "short-name", Message: "short"})
	}
	var out bytes.Buffer
	if err := Text(&out, r, TextOptions{Most: 2, Quiet: true}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "short ["); got != 2 || !strings.Contains(out.String(), "3 more of [VS003 short-name]") {
		t.Errorf("printed %d of 5:\n%s", got, out.String())
	}
}

// TestClusters wants the same finding in two clusters to be two in every
// format, and the name of the cluster to be seen.
func TestClusters(t *testing.T) {
	at := func(cluster, file string) finding.Finding {
		return finding.Finding{Rule: "A001", Name: "a", Severity: finding.Error, Message: "wrong", At: finding.Location{Cluster: cluster, File: file, Object: "Service/shop/web", Path: "spec"}}
	}
	prints := fingerprints([]finding.Finding{at("", ""), at("prod-a", ""), at("prod-b", ""), at("prod-a", "f.yaml")})
	for i, p := range prints {
		if slices.Index(prints, p) != i {
			t.Errorf("fingerprints repeat: %q", prints)
		}
	}
	rep := report.New("analyze", []report.RuleResult{{ID: "A001", Name: "a", Outcome: report.Failed}}, []finding.Finding{at("prod-a", ""), at("prod-b", "f.yaml")})
	rep.Clusters = []report.Cluster{{Name: "prod-a", Summary: &report.Summary{Error: 1}}, {Name: "gone", Failure: "no route"}}
	rep.Failure = "gone was not checked: no route"
	for name, print := range map[string]func(io.Writer, *report.Report) error{
		"text":  func(w io.Writer, r *report.Report) error { return Text(w, r, TextOptions{}) },
		"junit": func(w io.Writer, r *report.Report) error { return JUnit(w, r, JUnitOptions{}) },
		"json":  JSON, "sarif": SARIF, "github": GitHub, "gitlab": GitLab, "markdown": Markdown,
	} {
		var out bytes.Buffer
		if err := print(&out, rep); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"prod-a", "prod-b", "gone", "no route"} {
			if text := strings.ReplaceAll(out.String(), `\`, ""); !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
}

// TestBlind wants a clean report of a cluster of which most could not be seen
// not to look like one of a mesh in order.
func TestBlind(t *testing.T) {
	rep := report.New("analyze", []report.RuleResult{
		{ID: "A001", Name: "a", Outcome: report.Passed}, {ID: "A002", Name: "b", Outcome: report.Skipped, Reason: "pods is forbidden"},
		{ID: "A003", Name: "c", Outcome: report.Skipped, Reason: "pods is forbidden"},
	}, nil)
	const loud = "2 checks could not run, most of all"
	for _, context := range []string{"", "prod"} {
		rep.Target.Context = context
		var text, page bytes.Buffer
		if err := errors.Join(Text(&text, rep, TextOptions{}), Markdown(&page, rep)); err != nil {
			t.Fatal(err)
		}
		told := strings.Contains(text.String(), loud) && !strings.Contains(page.String(), "nothing wrong")
		if told != (context != "") {
			t.Errorf("context %q:\n%s%s", context, text.String(), page.String())
		}
	}
}
