package rules_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

// TestCorpus validates every test input and sample that Istio ships, with
// rendering, and compares with what testdata/corpus/istio.txt expects: each
// finding stands there with the reason why it is right, and every file that is
// not named there is clean. Decisions that a file leaves open are not counted.
func TestCorpus(t *testing.T) {
	root := istioModule(t)
	want := expected(t)
	got := map[string]string{}
	read := 0
	for _, path := range corpus(t, root) {
		lines, configs := judged(t, root, path)
		read += configs
		if lines != "" {
			got[path] = lines
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("testdata/corpus/istio.txt (-) and findings (+) differ:\n%s", diff)
	}
	if read < 60 {
		t.Errorf("only %d configurations in Istio's own files", read)
	}
}

// open are the rules that ask for a decision; test inputs make few.
func open() []string { return []string{"IMG001", "OBS001", "SCP001", "TEL001"} }

// corpus lists the files, as paths in the module.
func corpus(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{"operator/cmd/mesh/testdata", "samples", "tests/integration"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") || strings.Contains(path, "/output/") {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if dir != "tests/integration" || filepath.Dir(rel) == dir {
				out = append(out, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// judged returns the findings of one file as "LINE RULE" lines.
func judged(t *testing.T, root, path string) (lines string, configs int) {
	t.Helper()
	snap, err := files.Load([]string{filepath.Join(root, path)}, nil, files.Options{IgnoreOthers: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := rendered.Check(t.Context(), snap); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range engine.Run(rules.All(), snap, engine.Options{Stage: rule.Validate}).Findings {
		if !slices.Contains(open(), f.Rule) {
			found = append(found, fmt.Sprintf("%d %s", f.At.Line, f.Rule))
		}
	}
	return strings.Join(found, "\n"), len(snap.Configs)
}

// expected is what stands in the list, in the form of judged.
func expected(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for path, list := range reasons(t, corpusFile(t, "istio.txt")) {
		var lines []string
		for _, e := range list {
			lines = append(lines, e.finding)
		}
		out[path] = strings.Join(lines, "\n")
	}
	return out
}
