package rules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"istio.io/istio/operator/pkg/apis/validation"
	"istio.io/istio/operator/pkg/render"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

// TestAgreesWithIstioctl runs the validation that istioctl itself does over
// Istio's own test inputs and over our fixtures. What it refuses must be an
// error here, and a field that it takes must not be called unknown.
func TestAgreesWithIstioctl(t *testing.T) {
	inputs := append(istioInputs(t), fixtures(t)...)
	refused := 0
	for _, path := range inputs {
		why := istioctl(path)
		snap, err := files.Merge([]string{path}, nil, nil, files.Options{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := rendered.Check(t.Context(), snap); err != nil {
			t.Fatal(err)
		}
		found := engine.Run(rules.All(), snap, engine.Options{Stage: rule.Validate}).Findings
		if why != nil {
			refused++
		}
		if why != nil && !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Severity == finding.Error || f.Rule == "DOC004" }) {
			t.Errorf("%s: istioctl refuses it and no rule does: %v", path, why)
		}
		for _, f := range found {
			if why == nil && (f.Rule == "VAL001" || f.Rule == "VAL002") {
				t.Errorf("%s: %s, but istioctl takes it", f.At, f.Message)
			}
		}
	}
	t.Logf("%d files, %d of them refused by istioctl", len(inputs), refused)
	if len(inputs) < 80 {
		t.Errorf("only %d files", len(inputs))
	}
}

func istioctl(path string) error {
	merged, err := render.MergeInputs([]string{path}, nil, nil)
	if err != nil {
		return err
	}
	_, errs := validation.ParseAndValidateIstioOperator(merged, nil)
	return errs.ToError()
}

// istioInputs are the inputs of the operator's own tests, which the module
// cache holds.
func istioInputs(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	if err != nil {
		t.Fatalf("no go command: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "operator", "cmd", "mesh", "testdata")
	found, err := filepath.Glob(filepath.Join(dir, "*", "input", "*.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no inputs in %s: %v", dir, err)
	}
	return found
}

// fixtures are our own IstioOperators that are meant for the embedded minor.
func fixtures(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(ruletest.Root(t), "testdata", "rules", "*", "*", "iop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(path string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), "flags.txt"))
		return err == nil
	})
}
