package mesh

import "strings"

// Hosts is an index of things by host, with wildcards: "*.example.com" covers
// every name that ends with ".example.com", "*" every name. It is a tree of the
// labels of names, from the last to the first, so that a question takes as many
// steps as a name has labels.
type Hosts[T any] struct {
	root  branch[T]
	exact map[string][]T
}

type branch[T any] struct {
	children map[string]*branch[T]
	wild     []T // of *.<this>
	hosts    []T // of names that end here
}

// Add files a thing under a host.
func (h *Hosts[T]) Add(host string, thing T) {
	name, wild := strings.CutPrefix(host, "*")
	name = strings.TrimPrefix(name, ".")
	b := &h.root
	for rest := name; rest != ""; {
		var label string
		rest, label = cutLast(rest)
		if b.children == nil {
			b.children = map[string]*branch[T]{}
		}
		if b.children[label] == nil {
			b.children[label] = &branch[T]{}
		}
		b = b.children[label]
	}
	if wild {
		b.wild = append(b.wild, thing)
		return
	}
	b.hosts = append(b.hosts, thing)
	if h.exact == nil {
		h.exact = map[string][]T{}
	}
	h.exact[host] = b.hosts
}

// Exact are the things of exactly this host, which may be a wildcard.
func (h *Hosts[T]) Exact(host string) []T {
	if !strings.HasPrefix(host, "*") {
		return h.exact[host]
	}
	if b := h.find(host); b != nil {
		return b.wild
	}
	return nil
}

// Covering are the things of wildcards that cover a host, the widest first. A
// wildcard is covered by wider ones, not by itself.
func (h *Hosts[T]) Covering(host string) []T {
	var out []T
	b := &h.root
	for rest := strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."); rest != "" && b != nil; {
		out = append(out, b.wild...)
		var label string
		rest, label = cutLast(rest)
		b = b.children[label]
	}
	return out
}

// Under calls visit for the things of all hosts that a wildcard covers, itself
// left out, until visit returns false.
func (h *Hosts[T]) Under(wildcard string, visit func(T) bool) {
	b := h.find(wildcard)
	if b == nil {
		return
	}
	for _, child := range b.children {
		if !child.walk(visit) {
			return
		}
	}
}

// Meeting calls visit for the things of all hosts that have a name in common
// with a host, until visit returns false: the same, wildcards that cover it, and
// those that it covers.
func (h *Hosts[T]) Meeting(host string, visit func(T) bool) {
	for _, list := range [][]T{h.Exact(host), h.Covering(host)} {
		for _, thing := range list {
			if !visit(thing) {
				return
			}
		}
	}
	if strings.HasPrefix(host, "*") {
		h.Under(host, visit)
	}
}

func (b *branch[T]) walk(visit func(T) bool) bool {
	for _, list := range [][]T{b.hosts, b.wild} {
		for _, thing := range list {
			if !visit(thing) {
				return false
			}
		}
	}
	for _, child := range b.children {
		if !child.walk(visit) {
			return false
		}
	}
	return true
}

// find is the branch of a host or wildcard.
func (h *Hosts[T]) find(host string) *branch[T] {
	b := &h.root
	for rest := strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."); rest != "" && b != nil; {
		var label string
		rest, label = cutLast(rest)
		b = b.children[label]
	}
	return b
}

// cutLast takes the last label off a name.
func cutLast(name string) (rest, label string) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
