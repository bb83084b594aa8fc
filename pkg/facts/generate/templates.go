package main

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// references lists the paths below .Values that the templates of a chart
// read, those of the injector included.
func references(charts fs.FS, dir string) (map[string]bool, error) {
	out := map[string]bool{}
	err := fs.WalkDir(charts, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isTemplate(name) {
			return err
		}
		data, err := fs.ReadFile(charts, name)
		if err != nil {
			return err
		}
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		trees := map[string]*parse.Tree{}
		if _, err := tree.Parse(string(data), "", "", trees); err != nil {
			return fmt.Errorf("parsing %s: %w", name, err)
		}
		for _, t := range trees {
			r := reader{out: out, vars: map[string][]string{"$": {}}}
			r.node(t.Root, []string{})
		}
		return nil
	})
	return out, err
}

func isTemplate(name string) bool {
	inTemplates, ext := strings.Contains(name, "/templates/"), path.Ext(name)
	injected := strings.Contains(name, "/files/") && ext == ".yaml" && !strings.Contains(name, "/files/profile-") && !strings.Contains(name, "crd-all")
	return inTemplates && (ext == ".yaml" || ext == ".tpl") && !strings.HasPrefix(path.Base(name), "zz") || injected
}

// reader follows the dot and the variables of a template. A place is a path
// from the root, such as Values, global; nil is one that is not known.
type reader struct {
	out  map[string]bool
	vars map[string][]string
}

func (r reader) node(n parse.Node, dot []string) {
	switch n := n.(type) {
	case *parse.ListNode:
		for _, c := range nodes(n) {
			r.node(c, dot)
		}
	case *parse.ActionNode:
		r.pipe(n.Pipe, dot)
	case *parse.TemplateNode:
		r.pipe(n.Pipe, dot)
	case *parse.IfNode:
		r.pipe(n.Pipe, dot)
		r.node(n.List, dot)
		r.node(n.ElseList, dot)
	case *parse.WithNode:
		r.node(n.List, r.pipe(n.Pipe, dot))
		r.node(n.ElseList, dot)
	case *parse.RangeNode:
		r.pipe(n.Pipe, dot)
		r.node(n.List, nil)
		r.node(n.ElseList, dot)
	}
}

func nodes(l *parse.ListNode) []parse.Node {
	if l == nil {
		return nil
	}
	return l.Nodes
}

// pipe reads the commands of a pipeline and says what place it stands for.
func (r reader) pipe(p *parse.PipeNode, dot []string) []string {
	if p == nil {
		return nil
	}
	var at []string
	for i, c := range p.Cmds {
		place := r.command(c, dot)
		if i == 0 {
			at = place
		}
	}
	for _, v := range p.Decl {
		r.vars[v.Ident[0]] = at
	}
	return at
}

func (r reader) command(c *parse.CommandNode, dot []string) []string {
	var args [][]string
	for _, a := range c.Args {
		args = append(args, r.place(a, dot))
	}
	name, isCall := c.Args[0].(*parse.IdentifierNode)
	switch {
	case !isCall && len(c.Args) == 1:
		return args[0]
	case isCall && len(args) > 2 && (name.Ident == "index" || name.Ident == "get" || name.Ident == "hasKey"):
		at := args[1]
		for _, key := range c.Args[2:] {
			text, ok := key.(*parse.StringNode)
			if !ok || at == nil {
				return nil
			}
			at = r.read(at, text.Text)
		}
		return at
	case isCall && len(args) > 3 && name.Ident == "dig":
		return r.dig(c.Args[1:len(c.Args)-2], args[len(args)-1])
	}
	return nil
}

// dig reads the path that the function of that name is given before the
// default and the map.
func (r reader) dig(keys []parse.Node, at []string) []string {
	for _, key := range keys {
		text, ok := key.(*parse.StringNode)
		if !ok || at == nil {
			return nil
		}
		at = append(slices.Clone(at), text.Text)
	}
	return r.read(at)
}

// place says what an argument stands for, and notes that it is read.
func (r reader) place(n parse.Node, dot []string) []string {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return r.read(dot, n.Ident...)
	case *parse.VariableNode:
		return r.read(r.vars[n.Ident[0]], n.Ident[1:]...)
	case *parse.ChainNode:
		return r.read(r.place(n.Node, dot), n.Field...)
	case *parse.PipeNode:
		return r.pipe(n, dot)
	}
	return nil
}

func (r reader) read(from []string, names ...string) []string {
	if from == nil {
		return nil
	}
	at := slices.Concat(from, names)
	if len(at) > 1 && at[0] == "Values" {
		r.out[strings.Join(at[1:], ".")] = true
	}
	return at
}
