package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
)

// gridCase is one case of the test grid of Istio's analyzers.
type gridCase struct {
	name  string
	files []string
	// want holds "CODE Kind namespace/name", without the namespace where the
	// file names none.
	want []string
}

// TestIstiosGrid runs the input of the tests of Istio's analyzers through all
// rules. What Istio expects must come out under its code, or under a rule with
// that equivalent, at the same object; testdata/corpus/grid.txt lists what does
// not, which UPDATE_GOLDEN=1 writes anew.
func TestIstiosGrid(t *testing.T) {
	folder := filepath.Join(istioModule(t), "pkg", "config", "analysis", "analyzers")
	var missed []string
	total := 0
	for _, c := range grid(t, filepath.Join(folder, "analyzers_test.go")) {
		var paths []string
		for _, f := range c.files {
			paths = append(paths, filepath.Join(folder, f))
		}
		snap, err := files.LoadObjects(paths, nil, "", files.Options{Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		rep := engine.Run(rules.All(), snap, engine.Options{Stage: rule.Analyze})
		said := saidOf(rep)
		for _, want := range c.want {
			total++
			if !said[want] {
				missed = append(missed, c.name+": "+want)
			}
		}
	}
	t.Logf("matched %d of %d", total-len(missed), total)
	slices.Sort(missed)
	got := strings.Join(missed, "\n") + "\n"
	path := filepath.Join(ruletest.Root(t), "testdata", "corpus", "grid.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("missed as listed (-) and as found (+) differ:\n%s", diff)
	}
	if total < 100 {
		t.Errorf("the grid has only %d messages", total)
	}
}

// saidOf are the codes that a report has for its objects, with and without
// their namespaces.
func saidOf(r *report.Report) map[string]bool {
	codes := map[string][]string{}
	for _, r := range rules.All() {
		codes[r.ID] = append(slices.Clone(r.Equivalents), r.ID)
	}
	out := map[string]bool{}
	for _, f := range r.Findings {
		kind, name, _ := strings.Cut(f.At.Object, "/")
		kind, _, _ = strings.Cut(kind, ".") // with its group where two have the name
		for _, code := range codes[f.Rule] {
			out[code+" "+kind+" "+name] = true
			out[code+" "+kind+" "+strings.TrimPrefix(name, "default/")] = true
		}
	}
	return out
}

// grid reads the test grid out of Istio's source.
func grid(t *testing.T, path string) []gridCase {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, c := range facts.Codes() {
		codes[c.Name] = c.ID
	}
	var out []gridCase
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || spec.Names[0].Name != "testGrid" {
			return true
		}
		for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
			out = append(out, oneCase(element.(*ast.CompositeLit), codes))
		}
		return false
	})
	return out
}

func oneCase(literal *ast.CompositeLit, codes map[string]string) gridCase {
	var c gridCase
	for _, element := range literal.Elts {
		field := element.(*ast.KeyValueExpr)
		switch field.Key.(*ast.Ident).Name {
		case "name":
			c.name = text(field.Value)
		case "inputFiles":
			for _, f := range field.Value.(*ast.CompositeLit).Elts {
				c.files = append(c.files, text(f))
			}
		case "expected":
			for _, m := range field.Value.(*ast.CompositeLit).Elts {
				message := m.(*ast.CompositeLit).Elts
				want := codes[message[0].(*ast.SelectorExpr).Sel.Name] + " " + text(message[1])
				if !slices.Contains(c.want, want) {
					c.want = append(c.want, want)
				}
			}
		}
	}
	return c
}

func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(literal.Value) // of source that compiles
	return s
}
