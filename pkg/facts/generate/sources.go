package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// sources is what the Go files of the module say about the environment.
type sources struct {
	env      map[string]variable
	literals map[string]bool
	// constants are the named texts of each package, by folder and name.
	constants map[string]string
	calls     []call
}

// variable is an environment variable that a program reads.
type variable struct {
	file  string // below the module
	value string // the default, "" where it is empty or computed
	// registered says that it is read through package env, where Istio
	// declares what users may set.
	registered bool
}

// call is one that may read the environment, looked at when all constants
// are known.
type call struct {
	file, dir string
	fn        string
	imports   map[string]string
	args      []ast.Expr
}

func readSources(root string) (*sources, error) {
	s := &sources{env: map[string]variable{}, literals: map[string]bool{}, constants: map[string]string{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go"):
			return nil
		}
		return s.file(path, rel)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	for _, c := range s.calls {
		s.call(c)
	}
	return s, nil
}

func (s *sources) file(path, rel string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := filepath.ToSlash(filepath.Dir(rel))
	imports := importsOf(file)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				s.literals[text] = true
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if text, ok := literal(n.Values, i); ok {
					s.constants[dir+" "+name.Name] = text
				}
			}
		case *ast.CallExpr:
			if fn := callee(n.Fun); reads(fn) {
				s.calls = append(s.calls, call{rel, dir, fn, imports, n.Args})
			}
		}
		return true
	})
	return nil
}

// reads says whether a function of that name may read the environment.
func reads(fn string) bool {
	return strings.HasPrefix(fn, "env.Register") || strings.HasPrefix(fn, "register") && strings.HasSuffix(fn, "Parameter") ||
		fn == "os.Getenv" || fn == "os.LookupEnv"
}

func callee(fn ast.Expr) string {
	switch fn := fn.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		return callee(fn.X) + "." + fn.Sel.Name
	case *ast.IndexExpr:
		return callee(fn.X)
	}
	return ""
}

func importsOf(file *ast.File) map[string]string {
	out := map[string]string{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = strings.TrimPrefix(path, "istio.io/istio/")
	}
	return out
}

func literal(values []ast.Expr, i int) (string, bool) {
	if i >= len(values) {
		return "", false
	}
	b, ok := values[i].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	if b.Kind == token.STRING {
		text, err := strconv.Unquote(b.Value)
		return text, err == nil
	}
	return b.Value, true
}

func (s *sources) call(c call) {
	if len(c.args) == 0 {
		return
	}
	name, ok := s.text(c, c.args[0])
	if !ok || name == "" {
		return
	}
	v := variable{file: c.file}
	if strings.Contains(c.file, "/test/") {
		return
	}
	if strings.HasPrefix(c.fn, "register") {
		// A flag of istio-cni, for most of which the chart has a value.
		name, v.registered = strings.ToUpper(strings.ReplaceAll(name, "-", "_")), true
	} else if !strings.HasPrefix(c.fn, "os.") && len(c.args) > 1 {
		v.registered, v.value = true, s.value(c.args[1])
	}
	if old, ok := s.env[name]; !ok || v.registered && !old.registered {
		s.env[name] = v
	}
}

// text resolves a literal or a named one.
func (s *sources) text(c call, e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		text, ok := s.constants[c.dir+" "+e.Name]
		return text, ok
	case *ast.SelectorExpr:
		text, ok := s.constants[c.imports[callee(e.X)]+" "+e.Sel.Name]
		return text, ok
	}
	return literal([]ast.Expr{e}, 0)
}

// value is a default that is written out; a computed one is not known.
func (s *sources) value(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
		return id.Name
	}
	text, ok := literal([]ast.Expr{e}, 0)
	if !ok || strings.ContainsAny(text, " \t\n") {
		return ""
	}
	return text
}

// program says which program reads a variable, by the folder of its source;
// "" for one that does not run in a cluster.
func (s *sources) program(v variable) string {
	for _, p := range []struct{ folder, program string }{
		{"cni/", facts.CNIAgent}, {"pilot/cmd/pilot-agent/", facts.Agent}, {"pkg/envoy/", facts.Agent}, {"pkg/bootstrap/", facts.Agent},
		{"pkg/istio-agent/", facts.Agent}, {"tools/istio-iptables/", facts.Agent}, {"security/pkg/nodeagent/", facts.Agent}, {"pilot/", facts.Istiod}, {"pkg/", facts.Istiod}, {"security/", facts.Istiod},
	} {
		if strings.HasPrefix(v.file, p.folder) {
			return p.program
		}
	}
	return ""
}
