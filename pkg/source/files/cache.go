package files

import (
	"crypto/sha256"
	"slices"
	"sync"

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

// memory is what a cache has of one document.
type memory struct {
	key     digest
	objects []origin
	known   bool
}

// renew begins a reading.
func (c *Cache) renew() {
	if c != nil {
		c.known, c.met = c.met, map[digest][]origin{}
	}
}

// ask says what is known of documents of a file; of those that no reading
// before has met, and without a cache of all, nothing is.
func (c *Cache) ask(path string, parts []document.Part) []memory {
	out := make([]memory, len(parts))
	if c == nil {
		return out
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range parts {
		m := &out[i]
		m.key = sha256.Sum256(append([]byte(path+"\x00"), p.Text...))
		if m.objects, m.known = c.known[m.key]; m.known {
			c.met[m.key] = m.objects
		}
	}
	return out
}

// unknown are the parts of which nothing is known.
func unknown(parts []document.Part, memories []memory) []document.Part {
	out := make([]document.Part, 0, len(parts))
	for i, p := range parts {
		if !memories[i].known {
			out = append(out, p)
		}
	}
	return out
}

// keep remembers the objects of a document, without their text. What stays
// beside its objects, for its comments or a problem, is not to be kept: its
// places change with what stands above it.
func (c *Cache) keep(m memory, objects []origin) {
	if c == nil {
		return
	}
	kept := slices.Clone(objects)
	for i := range kept {
		kept[i].sealed, kept[i].Text = kept[i].Text == nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met[m.key] = kept
}

// again takes objects whose document now stands at a part.
func (b *batch) again(objects []origin, p document.Part) {
	for _, o := range objects {
		if !b.putUntyped(o.value) {
			b.kinds[o.value.GetObjectKind().GroupVersionKind().GroupKind()].Put(&b.objects, o.value)
		}
		o.Line = p.Line
		if !o.sealed {
			o.Text = p.Text
		}
		b.origins = append(b.origins, o)
	}
}
