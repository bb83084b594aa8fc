package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/sandbox"
)

// box is a sandbox that the command line is run against.
type box struct {
	*sandbox.Sandbox
	t *testing.T
}

func startSandbox(t *testing.T) *box {
	t.Helper()
	return startSandboxWith(t, sandbox.Options{})
}

// startSandboxWith lets tests with a sandbox run beside one another: most of
// their time they wait for one.
func startSandboxWith(t *testing.T, o sandbox.Options) *box {
	t.Helper()
	t.Parallel()
	return bringUp(t, o)
}

// bringUp starts a sandbox in a test that says itself whether it runs beside
// others.
func bringUp(t *testing.T, o sandbox.Options) *box {
	t.Helper()
	o.Binary = builtBinary(t, "meshctl-sandbox")
	b, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &box{b, t}
}

// builtBinary is a program that `make build` made.
func builtBinary(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v; run `make build`", err)
	}
	return path
}

// result is what one command line came to.
type result struct {
	code        int
	out, stderr string
}

func meshctl(t *testing.T, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	code := run(t.Context(), args, streams{in: strings.NewReader(""), out: &out, err: &stderr})
	return result{code, out.String(), stderr.String()}
}

func (b *box) meshctl(args ...string) result {
	b.t.Helper()
	return meshctl(b.t, append(args, "--kubeconfig", b.Kubeconfig())...)
}

func (r result) wants(t *testing.T, code int, texts ...string) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", r.code, code, r.out, r.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(r.out+r.stderr, text) {
			t.Errorf("output lacks %q:\n%s%s", text, r.out, r.stderr)
		}
	}
	return r
}

func (r result) report(t *testing.T) *report.Report {
	t.Helper()
	var rep report.Report
	if err := json.Unmarshal([]byte(r.out), &rep); err != nil {
		t.Fatalf("stdout is not a report: %v\n%s", err, r.out)
	}
	follows(t, report.Schema(), r.out)
	return &rep
}

// follows validates JSON against a published schema.
func follows(t *testing.T, schema []byte, text string) {
	t.Helper()
	definition, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", definition); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(document); err != nil {
		t.Errorf("the JSON does not follow its schema: %v", err)
	}
}

func outcome(t *testing.T, rep *report.Report, id string) report.RuleResult {
	t.Helper()
	i := slices.IndexFunc(rep.Rules, func(r report.RuleResult) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("rule %s did not run", id)
	}
	return rep.Rules[i]
}

func (b *box) client() kubernetes.Interface {
	b.t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// writes returns the requests that the API server's audit log holds for
// meshctl and that could have changed something: neither reads nor dry runs
// nor questions about permissions.
func (b *box) writes() []string {
	b.t.Helper()
	data, err := os.ReadFile(b.AuditLog())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		var e struct {
			Stage, Verb, RequestURI, UserAgent string
			ObjectRef                          struct{ Resource, Subresource string }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			b.t.Fatalf("audit log: %v: %s", err, line)
		}
		reads := slices.Contains([]string{"get", "list", "watch"}, e.Verb)
		question := e.ObjectRef.Resource == "selfsubjectaccessreviews"
		dry := strings.Contains(e.RequestURI, "dryRun=All")
		reads = reads || e.ObjectRef.Subresource == "portforward" // only GETs go over it
		if e.Stage == "ResponseComplete" && ours(e.UserAgent) && !reads && !question && !dry {
			out = append(out, e.Verb+" "+e.RequestURI)
		}
	}
	return out
}

// ours tells requests of this test binary from those of the sandbox: client-go
// names the program in the user agent. The built program is ours as well.
func ours(agent string) bool {
	return strings.HasPrefix(agent, filepath.Base(os.Args[0])+"/") || strings.HasPrefix(agent, "meshctl/")
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const operator = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata:\n  namespace: istio-system\n"
