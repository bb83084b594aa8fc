package files

import (
	"crypto/sha256"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
)

// Cache keeps the objects that LoadObjects has read, by what their documents
// say, so that reading the same files again costs little more than what has
// changed. All readings with one cache have the same Options and namespace, and
// follow one another. What the latest did not meet is forgotten. No text is
// kept, as it may be a Secret's.
type Cache struct {
	known map[digest][]origin // of the reading before
	mu    sync.Mutex          // guards met
	met   map[digest][]origin
}

type digest [sha256.Size]byte

// renew begins a reading.
func (c *Cache) renew() {
	if c != nil {
		c.known, c.met = c.met, map[digest][]origin{}
	}
}

func (c *Cache) keep(key digest, objects []origin) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met[key] = objects
}

// recall takes the objects of a document that was read before, or reads it.
// One that stays beside its objects, for its comments or a problem, is always
// read: its places change with what stands above it.
func (b *batch) recall(p document.Part) {
	if b.cache == nil {
		b.part(p)
		return
	}
	key := digest(sha256.Sum256(append([]byte(b.path+"\x00"), p.Text...)))
	if objects, ok := b.cache.known[key]; ok {
		b.again(objects, p)
		b.cache.keep(key, objects)
		return
	}
	objects, beside := len(b.origins), len(b.rest)+len(b.malformed)
	b.part(p)
	if len(b.rest)+len(b.malformed) == beside {
		b.cache.keep(key, forgetful(b.origins[objects:]))
	}
}

// forgetful are objects without the text that they come from.
func forgetful(objects []origin) []origin {
	var out []origin
	for _, o := range objects {
		o.sealed, o.Text = o.Text == nil, nil
		out = append(out, o)
	}
	return out
}

// again takes objects whose document now stands at a part.
func (b *batch) again(objects []origin, p document.Part) {
	for _, o := range objects {
		if hook, ok := o.value.(*unstructured.Unstructured); ok {
			b.webhooks = append(b.webhooks, hook)
		} else {
			b.kinds[o.value.GetObjectKind().GroupVersionKind().GroupKind()].Put(&b.objects, o.value)
		}
		o.Line = p.Line
		if !o.sealed {
			o.Text = p.Text
		}
		b.origins = append(b.origins, o)
	}
}
