package rendered

import (
	"slices"
	"strings"
	"sync"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// tracer finds the values of a configuration that cause a problem in its
// manifests, by rendering it without them. Its answers are paths, because
// configurations that say the same share one tracer.
type tracer struct {
	variants
	mu    sync.Mutex
	known map[string][]string
}

// structural are keys that say what there is rather than how it is: without
// them an object is gone, and every problem with it.
func structural(v *document.Value) bool {
	switch v.Name() {
	case "enabled", "name", "profile", "revision", "path", "kind", "apiVersion", "namespace":
		return true
	}
	return strings.HasSuffix(v.Name(), "Enabled")
}

func (t *tracer) causes(id string, hint snapshot.Hint, problem func([]snapshot.Manifest) snapshot.State) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found, ok := t.known[id]; ok {
		return found
	}
	var out []string
	for _, v := range t.search(hint, problem) {
		out = append(out, v.Path())
	}
	if t.known == nil {
		t.known = map[string][]string{}
	}
	t.known[id] = out
	return out
}

// search tries the likely values one by one, then all of them in halves, and
// at last also those without which the object is not there.
func (t *tracer) search(hint snapshot.Hint, problem func([]snapshot.Manifest) snapshot.State) []*document.Value {
	gone := func(state snapshot.State) func([]*document.Value) bool {
		return func(dropped []*document.Value) bool {
			if t.left <= 0 {
				return false
			}
			found, err := t.without(dropped)
			got := snapshot.There
			if err == nil {
				got = problem(manifestsOf(t.config, found, nil))
			}
			return got == snapshot.Gone || got == state
		}
	}
	leaves := t.leaves()
	for _, v := range likely(leaves, hint) {
		if gone(snapshot.Gone)([]*document.Value{v}) {
			return []*document.Value{v}
		}
	}
	how := slices.DeleteFunc(slices.Clone(leaves), structural)
	if gone(snapshot.Gone)(how) {
		return t.few(t.smallest(how, nil, gone(snapshot.Gone)), 3)
	}
	if gone(snapshot.Absent)(leaves) {
		return t.few(t.smallest(leaves, nil, gone(snapshot.Absent)), 3)
	}
	return nil
}

// few distrusts an answer that names many values, and one that was cut short.
func (t *tracer) few(found []*document.Value, limit int) []*document.Value {
	if len(found) > limit || t.left <= 0 {
		return nil
	}
	return found
}
