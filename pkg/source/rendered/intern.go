package rendered

import (
	"crypto/sha256"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// pool keeps one copy of objects that say the same. Of a thousand
// configurations most render most objects alike, and rules only read them.
type pool struct {
	mu      sync.Mutex
	objects map[[sha256.Size]byte]*unstructured.Unstructured
}

func (p *pool) share(o object) *unstructured.Unstructured {
	sum := sha256.Sum256([]byte(o.Content))
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.objects[sum]; known != nil {
		return known
	}
	p.objects[sum] = o.Unstructured
	return o.Unstructured
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
