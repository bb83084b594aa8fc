package mesh

import (
	"cmp"
	"slices"
)

// Selecting is an index of things that select pods of a namespace by labels.
// Each is filed under one of its labels, the one whose name comes first, so
// that a question takes as many steps as a pod has labels.
type Selecting[T any] struct {
	plain map[string][]T
	pairs map[[3]string][]selecting[T]
	filed int
}

type selecting[T any] struct {
	wanted map[string]string
	number int
	thing  T
}

// Add files a thing; without labels it selects every pod.
func (x *Selecting[T]) Add(namespace string, wanted map[string]string, thing T) {
	if x.plain == nil {
		x.plain, x.pairs = map[string][]T{}, map[[3]string][]selecting[T]{}
	}
	if len(wanted) == 0 {
		x.plain[namespace] = append(x.plain[namespace], thing)
		return
	}
	first, found := "", false
	for k := range wanted {
		if !found || k < first {
			first, found = k, true
		}
	}
	key := [3]string{namespace, first, wanted[first]}
	x.pairs[key] = append(x.pairs[key], selecting[T]{wanted, x.filed, thing})
	x.filed++
}

// Plain are those of a namespace that select every pod.
func (x *Selecting[T]) Plain(namespace string) []T { return x.plain[namespace] }

// By are those of a namespace that select a pod by its labels, in the order in
// which they were filed.
func (x *Selecting[T]) By(namespace string, labels map[string]string) []T {
	var found []selecting[T]
	for k, v := range labels {
		for _, one := range x.pairs[[3]string{namespace, k, v}] {
			if Has(labels, one.wanted) {
				found = append(found, one)
			}
		}
	}
	slices.SortFunc(found, func(a, b selecting[T]) int { return cmp.Compare(a.number, b.number) })
	var out []T
	for _, one := range found {
		out = append(out, one.thing)
	}
	return out
}
