package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/document"
)

// TestGitOpsExamples runs the gate over the repositories in testdata/gitops.
func TestGitOpsExamples(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "testdata", "gitops"))
	for folder, code := range map[string]int{"clean": exitOK, "faulty": exitFindings} {
		meshctl(t, "validate", folder, "-q", "--render=false").wants(t, code)
		got := meshctl(t, "validate", folder, "-q", "--fail-on", "info").wants(t, exitFindings)
		path := "want-" + folder + ".txt"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, []byte(got.out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.out); diff != "" {
			t.Errorf("%s (-) and output (+) differ:\n%s", path, diff)
		}
	}
}

// TestAction runs the steps of action.yml as GitHub's runner does: inputs
// become environment variables, scripts run in bash.
func TestAction(t *testing.T) {
	examples, err := filepath.Abs(filepath.Join("..", "..", "testdata", "gitops"))
	if err != nil {
		t.Fatal(err)
	}
	action := yamlFile(t, "action.yml")
	for _, c := range []struct {
		name   string
		inputs map[string]string
		fails  bool
		wants  string
	}{
		{"clean", map[string]string{"files": examples + "/clean"}, false, "::notice"},
		{"faulty", map[string]string{"files": examples + "/clean\n\n" + examples + "/faulty\n", "sarif": "out.sarif"}, true, "::error"},
		{"flags", map[string]string{"files": examples + "/faulty", "fail-on": "never", "args": "--select=DOC009\n-q", "platform": "eks", "kubernetes-version": "1.34", "istio-version": "1.30"}, false, "maistra.io"},
		{"names are no scripts", map[string]string{"files": "$(touch pwned);`touch pwned`\n\"; touch pwned; \"\n-o json"}, true, ""},
		{"a missing folder fails", map[string]string{"files": "nowhere"}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, err := runAction(t, action, c.inputs)
			if (err != nil) != c.fails || !strings.Contains(out, c.wants) {
				t.Errorf("%v, want failure %v and %q in:\n%s", err, c.fails, c.wants, out)
			}
			if _, err := os.Stat("pwned"); err == nil {
				t.Error("an input was run as a script")
			}
			if c.inputs["sarif"] != "" {
				isJSONFile(t, c.inputs["sarif"])
			}
		})
	}
}

// runAction runs the composite steps one after another.
func runAction(t *testing.T, action *document.Value, inputs map[string]string) (string, error) {
	t.Helper()
	values := map[string]string{"github.action_path": "."}
	for _, f := range action.Field("inputs").Fields() {
		values["inputs."+f.Name()] = f.Str("default")
	}
	for name, value := range inputs {
		if _, known := values["inputs."+name]; !known {
			t.Fatalf("action.yml has no input %q", name)
		}
		values["inputs."+name] = value
	}
	env := append(os.Environ(), "RUNNER_TEMP=.", "GITHUB_ENV=env.txt", "GITHUB_STEP_SUMMARY=summary.md")
	var all string
	for _, step := range action.At("runs", "steps").Items() {
		if strings.Contains(step.Str("run"), "${{") {
			t.Fatal("an expression stands in the text of a script")
		}
		vars := slices.Clone(env)
		for _, f := range step.Field("env").Fields() {
			vars = append(vars, f.Name()+"="+expand(t, f.Text, values))
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Str("run"))
		cmd.Env = vars
		out, err := cmd.CombinedOutput()
		all += string(out)
		if err != nil {
			return all, err
		}
		set, _ := os.ReadFile("env.txt")
		env = append(env, strings.Fields(string(set))...)
	}
	return all, nil
}

var expression = regexp.MustCompile(`\$\{\{ *([a-z._-]+) *\}\}`)

func expand(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		value, known := values[expression.FindStringSubmatch(e)[1]]
		if !known {
			t.Errorf("%s is not known", e)
		}
		return value
	})
}

// TestPreCommitHooks runs the hooks as pre-commit does: with changed files of
// the hook's types behind the entry.
func TestPreCommitHooks(t *testing.T) {
	hooks := yamlFile(t, ".pre-commit-hooks.yaml")
	other := filepath.Join(t.TempDir(), "deployment.yaml")
	if err := os.WriteFile(other, []byte("apiVersion: apps/v1\nkind: Deployment\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	faulty, err := filepath.Abs(filepath.Join("..", "..", "testdata", "gitops", "faulty", "mesh.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, hook := range hooks.Items() {
		for _, field := range []string{"id", "name", "description", "entry", "language"} {
			if hook.Str(field) == "" {
				t.Errorf("hook without %s", field)
			}
		}
		run := func(files ...string) error {
			return exec.Command("sh", append([]string{"-c", hook.Str("entry") + ` "$@"`, "sh"}, files...)...).Run()
		}
		if err := run(other); err != nil {
			t.Errorf("%s: a file of another kind: %v", hook.Str("id"), err)
		}
		if err := run(other, faulty); err == nil {
			t.Errorf("%s: faults pass", hook.Str("id"))
		}
	}
}

// TestGitLabTemplate runs the job's script as GitLab's runner does, in sh.
func TestGitLabTemplate(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	job := yamlFile(t, ".gitlab/meshctl.gitlab-ci.yml").Field("meshctl-validate")
	var script []string
	for _, line := range job.Field("script").Items() {
		script = append(script, line.Text)
	}
	for folder, fails := range map[string]bool{"clean": false, "faulty": true} {
		t.Chdir(t.TempDir())
		cmd := exec.Command("sh", "-ec", strings.Join(script, "\n"))
		cmd.Env = append(os.Environ(), "CI_PROJECT_DIR=.", "MESHCTL_VERSION=latest", "MESHCTL_ARGS=--platform=eks\n--color=never", "MESHCTL_FILES="+filepath.Join(root, "testdata", "gitops", folder)+"\n")
		if out, err := cmd.CombinedOutput(); (err != nil) != fails || !strings.Contains(string(out), "configurations checked") {
			t.Errorf("%s: %v\n%s", folder, err, out)
		}
		isJSONFile(t, job.Str("artifacts", "reports", "codequality"))
		if data, err := os.ReadFile(job.Str("artifacts", "reports", "junit")); err != nil || !strings.Contains(string(data), "<testsuite") {
			t.Errorf("%s: junit report: %v", folder, err)
		}
	}
}

func isJSONFile(t *testing.T, path string) {
	t.Helper()
	if data, err := os.ReadFile(path); err != nil || !json.Valid(data) {
		t.Errorf("%s is no JSON (%v)", path, err)
	}
}

func yamlFile(t *testing.T, name string) *document.Value {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	docs := document.Parse(name, data)
	if len(docs) != 1 || docs[0].Root == nil || len(docs[0].Problems) > 0 {
		t.Fatalf("%s: %v", name, docs[0].Problems)
	}
	return docs[0].Root
}
