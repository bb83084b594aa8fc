package rendered

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// variants renders a configuration with some of its values left out, to find
// the ones that matter.
type variants struct {
	config  *snapshot.Config
	root    *document.Value
	options CheckOptions
	// left is how many more renderings may be made; a configuration that
	// is wrong in many ways must not take for ever.
	left int
}

// maxVariants bounds the renderings made to find causes in one configuration.
// One cause among a hundred values takes about ten.
const maxVariants = 150

// leaves are the written values, without those that say what the document is.
func (v *variants) leaves() []*document.Value {
	return slices.DeleteFunc(v.root.Leaves(), func(l *document.Value) bool {
		return l.Path() == "" || v.config.IsOperator() && slices.Contains([]string{"apiVersion", "kind"}, l.Path())
	})
}

// with renders the configuration with nothing but these leaves.
func (v *variants) with(kept []*document.Value) ([]object, error) {
	set := paths(kept)
	return v.prune(func(l *document.Value) bool { return !set[l.Path()] })
}

// without renders the configuration without these leaves.
func (v *variants) without(dropped []*document.Value) ([]object, error) {
	set := withPatches(paths(dropped))
	return v.prune(func(l *document.Value) bool { return set[l.Path()] })
}

// withPatches drops with the value of an overlay's patch its path too: a patch
// without a value would delete what it names.
func withPatches(paths map[string]bool) map[string]bool {
	for path := range paths {
		if patch, ok := strings.CutSuffix(path, ".value"); ok && strings.Contains(path, ".patches[") {
			paths[patch+".path"] = true
		}
	}
	return paths
}

func (v *variants) prune(drop func(*document.Value) bool) ([]object, error) {
	v.left--
	candidates := paths(v.leaves())
	root := v.root.Prune(func(l *document.Value) bool { return candidates[l.Path()] && drop(l) })
	return v.options.offline(v.config, root)
}

func paths(values []*document.Value) map[string]bool {
	out := make(map[string]bool, len(values))
	for _, v := range values {
		out[v.Path()] = true
	}
	return out
}

// smallest returns few of the leaves for which holds is still true, which it
// is for all of them together. Halving finds a single cause in about twice
// the logarithm of their number; where two are needed together it finds both.
func (v *variants) smallest(leaves, always []*document.Value, holds func([]*document.Value) bool) []*document.Value {
	if len(leaves) <= 1 || v.left <= 0 {
		return leaves
	}
	a, b := leaves[:len(leaves)/2], leaves[len(leaves)/2:]
	switch {
	case holds(slices.Concat(always, a)):
		return v.smallest(a, always, holds)
	case holds(slices.Concat(always, b)):
		return v.smallest(b, always, holds)
	}
	first := v.smallest(a, slices.Concat(always, b), holds)
	return append(first, v.smallest(b, slices.Concat(always, first), holds)...)
}

// likely puts the leaves first whose text or name shows in a hint.
func likely(leaves []*document.Value, hint snapshot.Hint) []*document.Value {
	score := func(l *document.Value) int {
		n := 0
		if structural(l) && l.Text != hint.Text {
			return 0
		}
		if len(l.Text) > 0 && l.Text == hint.Text {
			n += 4
		} else if len(l.Text) > 2 && strings.Contains(hint.Text, l.Text) {
			n += 2
		}
		if name := l.Name(); len(name) > 2 && strings.Contains(strings.ToLower(hint.Path+" "+hint.Text), strings.ToLower(name)) {
			n++
		}
		return n
	}
	out := slices.Clone(leaves)
	slices.SortStableFunc(out, func(a, b *document.Value) int { return score(b) - score(a) })
	n := 0
	for n < len(out) && n < 4 && score(out[n]) > 0 {
		n++
	}
	return out[:n]
}
