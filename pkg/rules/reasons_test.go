package rules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
)

// istioModule is the folder of Istio's source.
func istioModule(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// explained is a finding that is expected, and why it is right.
type explained struct{ finding, reason string }

// corpusFile is a list of expected findings.
func corpusFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(ruletest.Root(t), "testdata", "corpus", name)
}

var reasonLine = regexp.MustCompile(`^\s+(\S+ \S+)(?:  (\S.*))?$`)

// reasons reads a list: what was looked at, and indented below it one finding
// of two words a line, with its reason.
func reasons(t *testing.T, file string) map[string][]explained {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]explained{}
	head := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		m := reasonLine.FindStringSubmatch(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case m != nil && head != "":
			out[head] = append(out[head], explained{m[1], m[2]})
			if m[2] == "" {
				t.Errorf("%s: %q has no reason", file, line)
			}
		case strings.HasPrefix(line, " "):
			t.Errorf("%s: %q is not a finding and a reason", file, line)
		default:
			head = line
		}
	}
	return out
}
