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
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

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
	// mesh and networks are files with the mesh config and its networks.
	mesh, networks string
	// want holds "CODE Kind namespace/name", without the namespace where the
	// file names none.
	want []string
}

// TestIstiosGrid runs the input of the tests of Istio's analyzers through all
// rules. What Istio expects must come out under its code, or under a rule with
// that equivalent, at the same object or at one of its kind with the object
// named in the message: a conflict is one finding, not one for each partner.
// testdata/corpus/grid.txt lists what does not, each with the reason;
// UPDATE_GOLDEN=1 writes it anew and keeps the reasons.
func TestIstiosGrid(t *testing.T) {
	folder := filepath.Join(istioModule(t), "pkg", "config", "analysis", "analyzers")
	var missed []string
	total := 0
	for _, c := range grid(t, filepath.Join(folder, "analyzers_test.go")) {
		said := saidOf(analyzed(t, folder, c))
		for _, want := range c.want {
			total++
			if !said.has(want) {
				missed = append(missed, c.name+": "+want)
			}
		}
	}
	t.Logf("matched %d of %d", total-len(missed), total)
	compareGrid(t, missed)
	if total < 100 {
		t.Errorf("the grid has only %d messages", total)
	}
}

// analyzed is what all rules say of a case's files, with what Istio's tests lay
// under each: a mesh config and an ingress gateway.
func analyzed(t *testing.T, folder string, c gridCase) *report.Report {
	t.Helper()
	var paths []string
	for _, f := range c.files {
		paths = append(paths, filepath.Join(folder, f))
	}
	data := map[string]string{"mesh": "{}"}
	for key, name := range map[string]string{"mesh": c.mesh, "meshNetworks": c.networks} {
		if name == "" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		data[key] = string(content)
	}
	config, err := yaml.Marshal(corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: "istio", Namespace: "istio-system"},
		Data:       data,
	})
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "istio.yaml")
	if err := os.WriteFile(own, config, 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := filepath.Join(ruletest.Root(t), "testdata", "corpus", "grid-gateway.yaml")
	snap, err := files.LoadObjects(append(paths, own, gateway), nil, "", files.Options{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Run(rules.All(), snap, engine.Options{Stage: rule.Analyze})
}

// because separates what is missed from the reason.
const because = " — "

// compareGrid compares what is missed with the list, where each line needs a
// reason.
func compareGrid(t *testing.T, missed []string) {
	t.Helper()
	path := filepath.Join(ruletest.Root(t), "testdata", "corpus", "grid.txt")
	listed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for line := range strings.Lines(string(listed)) {
		miss, reason, _ := strings.Cut(strings.TrimSpace(line), because)
		reasons[miss] = reason
	}
	slices.Sort(missed)
	var got strings.Builder
	for _, miss := range missed {
		if reasons[miss] == "" {
			t.Errorf("%s: not reported, and no reason given", miss)
		}
		got.WriteString(strings.TrimSuffix(miss+because+reasons[miss], because) + "\n")
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(listed), got.String()); diff != "" {
		t.Errorf("missed as listed (-) and as found (+) differ:\n%s", diff)
	}
}

// said is what a report has under a code and a kind of objects ("CODE Kind").
type said map[string][]told

// told is a finding's object, and its message.
type told struct{ kind, object, message string }

func saidOf(r *report.Report) said {
	codes := map[string][]string{}
	for _, r := range rules.All() {
		codes[r.ID] = append(slices.Clone(r.Equivalents), r.ID)
	}
	out := said{}
	for _, f := range r.Findings {
		kind, name, _ := strings.Cut(f.At.Object, "/")
		kind, _, _ = strings.Cut(kind, ".") // with its group where two have the name
		for _, code := range codes[f.Rule] {
			key := code + " " + kind
			out[key] = append(out[key], told{kind, name, f.Message})
		}
	}
	return out
}

// has reports whether something was said under the code about the object, or
// about another of its kind with the object named.
func (s said) has(want string) bool {
	i := strings.LastIndex(want, " ")
	name := want[i+1:]
	return slices.ContainsFunc(s[want[:i]], func(f told) bool {
		return f.object == name || strings.TrimPrefix(f.object, "default/") == name || f.names(name)
	})
}

// names reports whether the message names the object, which may go without its
// namespace where that is the finding's own.
func (f told) names(object string) bool {
	words := strings.FieldsFunc(f.message, func(r rune) bool { return strings.ContainsRune(" ,:;()\"'`", r) })
	for i, w := range words {
		words[i] = strings.TrimPrefix(strings.TrimSuffix(w, "."), f.kind+"/")
	}
	if slices.Contains(words, object) {
		return true
	}
	namespace, name, ok := strings.Cut(object, "/")
	if !ok {
		return slices.Contains(words, "default/"+object)
	}
	return strings.HasPrefix(f.object, namespace+"/") && slices.Contains(words, name)
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
		case "meshConfigFile":
			c.mesh = text(field.Value)
		case "meshNetworksFile":
			c.networks = text(field.Value)
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
