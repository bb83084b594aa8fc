package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/writer"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"meshctl": main}) }

// TestScripts runs the command lines in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		// Rewrites what cmp compares with.
		UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "big": big, "binary": binary, "isjson": isJSON, "findings": findings, "istio": istioManifests,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			return nil
		},
	})
}

// TestCatalogueIsCurrent wants pkg/rules/README.md as "make docs" writes it.
func TestCatalogueIsCurrent(t *testing.T) {
	root := filepath.Join("..", "..")
	entries, err := catalogue(filepath.Join(root, "testdata", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := writer.Catalogue(&want, entries); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "pkg", "rules", "README.md"))
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("pkg/rules/README.md is out of date, run make docs (%v)", err)
	}
}

// exits runs a command and wants its exit code: exits 3 meshctl validate x.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strings.Contains(ts.ReadFile("stderr"), "goroutine ") {
		ts.Fatalf("panic:\n%s", ts.ReadFile("stderr"))
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// big writes a file of 50 MB of valid YAML.
func big(ts *testscript.TestScript, _ bool, args []string) {
	line := "# a comment that fills the file and changes nothing, over and over again\n"
	text := "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n" + strings.Repeat(line, 50_000_000/len(line)+1)
	if len(text) <= document.MaxBytes {
		ts.Fatalf("%d bytes are not more than the limit", len(text))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// binary writes a file with bytes given as a Go string literal.
func binary(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// isJSON wants standard output to be one JSON value.
func isJSON(ts *testscript.TestScript, _ bool, _ []string) {
	if out := ts.ReadFile("stdout"); !json.Valid([]byte(out)) {
		ts.Fatalf("not JSON: %s", out)
	}
}

// findings wants that many lines of findings with a severity or worse.
func findings(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if strings.Contains(line, ": error: ") || strings.Contains(line, ": warning: ") {
			got++
		}
	}
	if got != want {
		ts.Fatalf("%d errors and warnings, want %d:\n%s", got, want, ts.ReadFile("stdout"))
	}
}

// istioManifests writes Istio's own charts and profiles, as a release has them,
// into a folder.
func istioManifests(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), manifests.FS))
}
