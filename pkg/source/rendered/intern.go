package rendered

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// pool keeps one copy of what objects have in common. Of a thousand
// configurations most render most objects alike but for a label, and rules
// only read them; apart they would take a megabyte each.
type pool struct {
	mu      sync.Mutex
	nodes   map[string]node
	objects map[uint32]*unstructured.Unstructured
}

// node is a value that is shared, with a number that stands for it.
type node struct {
	value any
	id    uint32
}

func newPool() *pool {
	return &pool{nodes: map[string]node{}, objects: map[uint32]*unstructured.Unstructured{}}
}

func (p *pool) share(o object) *unstructured.Unstructured {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.common(o.Unstructured.Object)
	if p.objects[n.id] == nil {
		p.objects[n.id] = &unstructured.Unstructured{Object: n.value.(map[string]any)}
	}
	return p.objects[n.id]
}

// common returns the shared copy of a value. Maps and lists are told apart by
// the numbers of what they hold.
func (p *pool) common(v any) node {
	var key []byte
	switch x := v.(type) {
	case map[string]any:
		key = append(key, 'm')
		for _, name := range slices.Sorted(maps.Keys(x)) {
			child := p.common(x[name])
			x[name] = child.value
			key = binary.BigEndian.AppendUint32(append(append(key, name...), 0), child.id)
		}
	case []any:
		key = append(key, 'l')
		for i, item := range x {
			child := p.common(item)
			x[i] = child.value
			key = binary.BigEndian.AppendUint32(key, child.id)
		}
	case string:
		key = append(append(key, 's'), x...)
	default:
		key = fmt.Appendf(key, "%T %v", v, v)
	}
	if known, ok := p.nodes[string(key)]; ok {
		return known
	}
	n := node{v, uint32(len(p.nodes))}
	p.nodes[string(key)] = n
	return n
}

// manifestsOf turns what was rendered into what rules look at, sorted.
func manifestsOf(c *snapshot.Config, found []object, p *pool) []snapshot.Manifest {
	out := make([]snapshot.Manifest, 0, len(found))
	for _, o := range found {
		m := snapshot.Manifest{Component: o.component, Object: o.Unstructured, Config: c}
		if p != nil {
			m.Object = p.share(o)
		}
		out = append(out, m)
	}
	sortForApply(out)
	return slices.Clip(out)
}
