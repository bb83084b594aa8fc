package pkg_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/meshctl/meshctl/pkg/"

// allowed says what each package may import of this module. One that is not
// listed fails, so that a new package has to find its place first.
var allowed = map[string][]string{
	"finding":             {},
	"facts":               {"finding"},
	"facts/generate":      {"facts"},
	"document":            {"finding"},
	"schema":              {"document", "facts", "finding", "secret"},
	"snapshot":            {"finding", "document", "facts", "schema", "secret"},
	"mesh":                {"facts", "finding", "snapshot"},
	"secret":              {},
	"mask":                {"document", "finding", "report", "secret", "snapshot"},
	"kube":                {"secret"},
	"sandbox":             {},
	"config":              {"document", "facts", "finding", "schema"},
	"suppress":            {"finding", "document", "schema"},
	"rule":                {"finding", "document", "snapshot", "facts", "suppress"},
	"rules":               {"rule", "rules/access", "rules/ambient", "rules/cluster", "rules/clusters", "rules/environment", "rules/ingress", "rules/injection", "rules/istio", "rules/live", "rules/meshconfig", "rules/objects", "rules/observability", "rules/others", "rules/platform", "rules/policy", "rules/ports", "rules/registry", "rules/rendered", "rules/scope", "rules/security", "rules/traffic", "rules/values", "rules/workloads"},
	"rules/cluster":       {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/clusters":      {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/injection":     {"rule", "schema", "snapshot", "document", "finding", "facts", "mesh"},
	"rules/environment":   {"rule", "snapshot", "finding", "facts"},
	"rules/istio":         {"document", "finding", "mesh", "rule", "snapshot"},
	"rules/live":          {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/meshconfig":    {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/observability": {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/others":        {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/platform":      {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/policy":        {"rule", "suppress", "snapshot", "finding"},
	"rules/rendered":      {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"rules/security":      {"rule", "schema", "secret", "snapshot", "document", "finding", "facts"},
	"rules/access":        {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/ambient":       {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/ingress":       {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/objects":       {"document", "schema", "facts", "finding", "mesh", "rule", "snapshot"},
	"rules/ports":         {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/registry":      {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/scope":         {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/traffic":       {"facts", "finding", "mesh", "rule", "snapshot"},
	"rules/workloads":     {"document", "facts", "finding", "mesh", "rule", "schema", "snapshot"},
	"rules/values":        {"rule", "schema", "snapshot", "document", "finding", "facts"},
	"report":              {"finding"},
	"fix":                 {"finding", "report"},
	"engine":              {"rule", "snapshot", "finding", "report", "suppress"},
	"writer":              {"report", "finding"},
	"source/files":        {"schema", "snapshot", "document", "finding", "facts", "secret"},
	"source/charts":       {"facts"},
	"source/rendered":     {"snapshot", "document", "facts", "schema", "source/charts"},
	"source/cluster":      {"snapshot", "document", "finding", "facts", "kube", "record"},
	"install":             {"kube", "snapshot", "finding"},
	"record":              {"kube", "snapshot"},
	"revision":            {"kube", "snapshot"},
	"uninstall":           {"kube", "revision", "snapshot"},
	"source/installed":    {"document", "facts", "helm", "kube", "record", "snapshot"},
	"helm":                {"document", "facts", "finding", "install", "kube", "snapshot", "source/charts"},
	"internal/meshgen":    {},
	"internal/ruletest":   {"document", "engine", "facts", "finding", "kube", "report", "rule", "rules", "snapshot", "source/cluster", "source/files", "source/rendered", "writer"},
}

// outside names imports from elsewhere that only some packages may have, by
// prefix of the import path.
var outside = map[string][]string{
	"github.com/spf13/cobra":             {},
	"k8s.io/client-go":                   {"kube"},
	"k8s.io/cli-runtime":                 {"kube"},
	"go.yaml.in/yaml":                    {"document", "facts/generate"},
	"gopkg.in/yaml":                      {},
	"sigs.k8s.io/yaml":                   {"document", "source/charts", "source/installed", "source/rendered"},
	"net":                                {"kube", "sandbox"},
	"net/http":                           {"kube", "sandbox", "source/charts"},
	"istio.io/istio/operator/pkg/render": {"source/rendered"},
	// Helm's library reads, writes and waits by itself; nobody else starts it.
	"helm.sh/helm/v3/pkg/action": {"helm"},
}

func TestImports(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		check(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, path string) {
	t.Helper()
	pkg := filepath.ToSlash(filepath.Dir(path))
	may, listed := allowed[pkg]
	if !listed {
		t.Errorf("%s: package %s is not in the table of allowed imports", path, pkg)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if own, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(may, own) {
			t.Errorf("%s imports %s; %s may import only %v", path, own, pkg, may)
		}
		for prefix, who := range outside {
			if (imported == prefix || strings.HasPrefix(imported, prefix+"/") && prefix != "net") && !slices.Contains(who, pkg) {
				t.Errorf("%s imports %s, which is for %v only", path, imported, who)
			}
		}
		if strings.HasPrefix(pkg, "rules/") && (imported == "os" || strings.HasPrefix(imported, "os/")) {
			t.Errorf("%s imports %s; a rule does no input or output", path, imported)
		}
	}
}
