package files

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// MaxObjectBytes is the largest file of objects that is read: 256 MiB, ten
// times the configuration of a mesh of 20,000 services.
const MaxObjectBytes = 256 << 20

// LoadObjects reads files of every kind: objects that are to be in a cluster
// into their lists, installation files into configurations as Load does. What
// is neither is counted by kind. Objects without a namespace go to the given
// one, as kubectl would put them.
func LoadObjects(paths []string, stdin io.Reader, namespace string, o Options) (*snapshot.Snapshot, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.limit, o.objects = MaxObjectBytes, true
	inputs, err := o.expand(paths)
	if err != nil {
		return nil, err
	}
	s := o.snapshot()
	s.Origins = map[string]snapshot.Origin{}
	o.Cache.renew()
	c := &collector{snap: s, kinds: snapshot.KindsByName(), namespace: cmp.Or(namespace, "default"), cache: o.Cache, patches: patches{}, replaced: map[string][]snapshot.Origin{}}
	c.fields = fieldsOf(c.kinds)
	if err := c.findPatches(inputs, o, stdin); err != nil {
		return nil, err
	}
	for _, in := range inputs {
		text, problem, err := o.text(in.path, stdin)
		if err != nil {
			return nil, err
		}
		if in.foreign(text) {
			continue
		}
		s.Files = append(s.Files, in.path)
		if problem != nil {
			s.Documents = append(s.Documents, problem)
			continue
		}
		c.file(in, text)
	}
	c.dropReplaced()
	c.controlPlanes()
	c.configurations(o)
	for _, k := range snapshot.ObjectKinds() {
		s.Provide(k.Part)
	}
	for _, part := range []snapshot.Part{snapshot.Webhooks, snapshot.CRDs, snapshot.Injectors, snapshot.ControlPlanes} {
		s.Provide(part)
	}
	// Nothing is to be installed besides what is seen, if that is everything.
	for _, part := range []snapshot.Part{snapshot.Whole, snapshot.Sole, snapshot.Rendered} {
		switch {
		case !o.Whole:
			s.Miss(part, "the files may not be the whole mesh; --complete says that they are")
		case c.patched:
			s.Miss(part, "kustomizations among the files change objects; analyze what kustomize build makes of them")
		case len(s.Malformed) > 0 || slices.ContainsFunc(s.Documents, unread):
			s.Miss(part, "something in the files could not be read, so that they are not the whole mesh")
		case part == snapshot.Sole && s.Remote() != "":
			s.Miss(part, s.Remote())
		default:
			s.Provide(part)
		}
	}
	return s, nil
}

// collector takes objects into a snapshot.
type collector struct {
	snap      *snapshot.Snapshot
	kinds     map[schema.GroupKind]snapshot.Kind
	fields    map[schema.GroupKind]*document.Fields
	namespace string
	cache     *Cache // nil for none
	patches   patches
	patched   bool                         // some kustomization changes objects
	files     []loaded                     // with what is not an object of a known kind
	replaced  map[string][]snapshot.Origin // what later objects of the same name replace
}

// file reads the documents of one file, on all processors, and takes them in
// the order of the file.
func (c *collector) file(in input, text []byte) {
	parts := document.Split(text)
	if c.patches[filepath.Clean(in.path)] {
		c.patch(in, parts)
		return
	}
	workers := min(runtime.GOMAXPROCS(0), len(parts))
	size := (len(parts) + workers - 1) / workers
	var found []*batch
	var wg sync.WaitGroup
	for chunk := range slices.Chunk(parts, max(size, 1)) {
		b := &batch{collector: c, path: in.path}
		found = append(found, b)
		wg.Go(func() {
			b.parts(chunk)
		})
	}
	wg.Wait()
	rest := loaded{input: in}
	for _, b := range found {
		c.take(b)
		rest.docs = append(rest.docs, b.rest...)
	}
	if len(rest.docs) > 0 {
		c.files = append(c.files, rest)
	}
}

func (c *collector) take(b *batch) {
	for _, k := range c.kinds {
		k.Append(&c.snap.Objects, &b.objects)
	}
	for _, o := range b.origins {
		c.remember(o)
	}
	c.snap.Malformed = append(c.snap.Malformed, b.malformed...)
	c.snap.UnknownFields = append(c.snap.UnknownFields, b.unknown...)
	c.snap.RefusedValues = append(c.snap.RefusedValues, b.refused...)
	c.takeUntyped(&b.objects)
}

// configurations finds the installation files among what is left.
func (c *collector) configurations(o Options) {
	f := finder{chart: o.Chart, sources: sources{}, homes: homes{}, patches: patches{}, refs: references{}, ours: c.ours}
	for _, file := range c.files {
		f.patches.collect(file.docs)
		f.refs.collect(file.docs)
		f.sources.collect(file.docs)
		f.homes.collect(file.docs)
	}
	for _, file := range c.files {
		file.named = false
		f.take(c.snap, file)
	}
	layPatches(c.snap.Configs)
	finish(c.snap, false)
	c.snap.Provide(snapshot.Given)
	if len(c.snap.Configs) == 0 {
		c.snap.Miss(snapshot.Configuration, "no IstioOperator, Helm values or mesh ConfigMap is among the files")
	}
}

// batch is what one worker reads.
type batch struct {
	*collector
	path      string
	objects   snapshot.Objects
	origins   []origin
	rest      []*document.Document
	malformed []snapshot.Malformed
	unknown   []snapshot.UnknownField
	refused   []snapshot.RefusedValue
	decoder   decoder
}

// origin is an object that was taken, and where from.
type origin struct {
	object string
	value  snapshot.Object
	sealed bool // of a text that must not be kept; set in a Cache
	snapshot.Origin
}

// readAtOnce is how many documents are parsed before the first is taken.
const readAtOnce = 64

// parts reads documents, but for what the cache knows of them.
func (b *batch) parts(all []document.Part) {
	for some := range slices.Chunk(all, readAtOnce) {
		memories := b.cache.ask(b.path, some)
		raws := document.ParseRaws(unknown(some, memories))
		for i, p := range some {
			if m := memories[i]; m.known {
				b.again(m.objects, p)
				continue
			}
			objects, beside := len(b.origins), b.beside()
			b.part(raws[0], p)
			raws = raws[1:]
			if b.beside() == beside {
				b.cache.keep(memories[i], b.origins[objects:])
			}
		}
	}
}

// beside counts what is more than objects.
func (b *batch) beside() int {
	return len(b.rest) + len(b.malformed) + len(b.unknown) + len(b.refused)
}

// part takes one document: straight into its Go type, or with places where
// something in it needs one. Where meshctl has a comment in it, or a problem,
// the document stays.
func (b *batch) part(r document.Raw, p document.Part) {
	if !r.IsZero() && b.raw(r, p) {
		return
	}
	for _, d := range document.ParsePart(b.path, p) {
		if !readable(d) || !b.object(d.Root, header{}, p) {
			b.rest = append(b.rest, d)
			continue
		}
		if broken(d) || len(d.Comments) > 0 {
			d.Root = nil
			b.rest = append(b.rest, d)
		}
	}
}

// raw takes an object, or a list of them, if all is as it should be.
func (b *batch) raw(r document.Raw, p document.Part) bool {
	own := header{r.Str("apiVersion"), r.Str("kind")}
	items, list := listed(own.apiVersion, own.kind)
	if !list {
		return b.rawObject(r, own, p, "")
	}
	whole := &batch{collector: b.collector, path: b.path}
	for i, item := range r.Items("items") {
		h := headerOf(item.Str("apiVersion"), item.Str("kind"), items)
		if !whole.rawObject(item, h, p, fmt.Sprintf("items[%d]", i)) {
			return false
		}
	}
	for _, k := range b.kinds {
		k.Append(&b.objects, &whole.objects)
	}
	b.origins = append(b.origins, whole.origins...)
	return true
}

func (b *batch) rawObject(r document.Raw, h header, p document.Part, path string) bool {
	k, ok := b.kind(h)
	if !ok || !wellNamed(r) || r.Misfits(b.fieldsAt(k, h.apiVersion)) {
		return false
	}
	taken, err := k.Add(&b.objects, func(into any) error { return b.decoder.object(r, into) })
	if err != nil {
		return false
	}
	b.keep(k, taken, p, path)
	return true
}

// kind finds a kind that is known.
func (b *batch) kind(h header) (snapshot.Kind, bool) {
	k, ok := b.kinds[h.groupKind()]
	return k, ok && k.Serves(path.Base(h.apiVersion))
}

// object takes an object, or a list of them, and says whether it was one of a
// kind that is known.
func (b *batch) object(v *document.Value, of header, p document.Part) bool {
	h := headerOf(v.Str("apiVersion"), v.Str("kind"), of)
	if isList(v) {
		items, _ := listed(h.apiVersion, h.kind)
		all := true
		for _, item := range v.Field("items").Items() {
			all = b.object(item, items, p) && all
		}
		return all
	}
	text, err := v.JSON()
	if err != nil {
		return false
	}
	if b.untyped(v, h, text, p) {
		return true
	}
	k, ok := b.kind(h)
	if !ok {
		return false
	}
	b.typed(k, v, h, text, p)
	return true
}

// typed takes an object of a kind that is known.
func (b *batch) typed(k snapshot.Kind, v *document.Value, h header, text []byte, p document.Part) {
	fields := b.fieldsAt(k, h.apiVersion)
	taken, err := k.Add(&b.objects, func(into any) error { return decode(text, into) })
	if err != nil {
		b.unreadable(k, v, fields, err)
		return
	}
	b.keep(k, taken, p, v.Path())
	b.misspelt(k, taken, v, fields)
	b.misfits(k, taken, v, fields)
	b.misnamed(k, taken, v)
}

// keep completes an object that was taken.
func (b *batch) keep(k snapshot.Kind, o snapshot.Object, p document.Part, path string) {
	if o.GetName() == "" && o.GetGenerateName() != "" {
		o.SetName(o.GetGenerateName() + anonymous)
	}
	if o.GetNamespace() == "" && !k.Everywhere {
		o.SetNamespace(b.namespace)
	}
	if k.Sealed {
		p.Text = nil
		clear(b.decoder.text)
	}
	b.from(o, p, path)
}

// from remembers where an object was read.
func (b *batch) from(o snapshot.Object, p document.Part, path string) {
	b.origins = append(b.origins, origin{object: snapshot.KeyOf(o).String(), value: o, Origin: snapshot.Origin{File: b.path, Line: p.Line, Text: p.Text, Path: path}})
}
