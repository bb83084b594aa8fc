package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// comments are those of the fields of Go types: of the code that protoc
// generates, and of the spec. The types themselves carry none at run time.
type comments map[string]map[string]string // type, JSON name

// protoName is the key of a message: its package and its Go type.
func protoName(m protoreflect.FullName, pkg protoreflect.FullName) string {
	return string(pkg) + "." + strings.ReplaceAll(strings.TrimPrefix(string(m), string(pkg)+"."), ".", "_")
}

// of returns the comment of a field of a message.
func (c comments) of(m protoreflect.FullName, name string) string {
	for pkg := m.Parent(); pkg != ""; pkg = pkg.Parent() {
		if fields, ok := c[protoName(m, pkg)]; ok {
			return fields[name]
		}
	}
	return ""
}

// load reads the Go files of a folder whose types belong to a proto package.
func (c comments) load(dir, pkg string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("reading comments: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					c.structure(pkg+".", spec.Name.Name, s)
				}
			}
			return true
		})
	}
	return nil
}

func (c comments) structure(pkg, name string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		field, oneof := fieldName(reflect.StructTag(strings.Trim(f.Tag.Value, "`")))
		if field == "" {
			continue
		}
		owner := name
		if oneof { // the field of a wrapper, which is named after the message
			owner = owner[:strings.LastIndex(strings.TrimRight(owner, "_"), "_")]
		}
		if c[pkg+owner] == nil {
			c[pkg+owner] = map[string]string{}
		}
		c[pkg+owner][field] = clean(f.Doc.Text())
	}
}

// fieldName finds the JSON name of a field in its tag.
func fieldName(tag reflect.StructTag) (name string, oneof bool) {
	parts, isProto := tag.Lookup("protobuf")
	if !isProto {
		name, _, _ = strings.Cut(tag.Get("json"), ",")
		return strings.TrimPrefix(name, "-"), false
	}
	for part := range strings.SplitSeq(parts, ",") {
		if n, ok := strings.CutPrefix(part, "name="); ok && name == "" {
			name = n
		}
		if n, ok := strings.CutPrefix(part, "json="); ok {
			name = n
		}
		oneof = oneof || part == "oneof"
	}
	return name, oneof
}

// chartDirs says where the module keeps each chart.
func chartDirs() map[string]string {
	return map[string]string{
		"base": "charts/base", "istiod": "charts/istio-control/istio-discovery", "cni": "charts/istio-cni",
		"ztunnel": "charts/ztunnel", "gateway": "charts/gateway",
	}
}

// exists says whether a file system has a file.
func exists(in fs.FS, name string) bool {
	_, err := fs.Stat(in, name)
	return err == nil
}
