package files

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// remember notes where an object was read, and what it replaces.
func (c *collector) remember(o origin) {
	if before, known := c.snap.Origins[o.object]; known && !unnamed(o.value) {
		c.replaced[o.object] = append(c.replaced[o.object], before)
	}
	c.snap.Origins[o.object] = o.Origin
}

// dropReplaced leaves of objects that the files hold several times the last
// one, as applying them one after the other would. Copies that say the same,
// such as the Namespace in the folder of each application, are no news.
func (c *collector) dropReplaced() {
	if len(c.replaced) == 0 {
		return
	}
	left := map[string]int{}
	for key, before := range c.replaced {
		left[key] = len(before)
	}
	drop := func(o snapshot.Object) bool {
		key := snapshot.KeyOf(o).String()
		left[key]--
		return left[key] >= 0
	}
	for _, k := range c.kinds {
		k.Keep(&c.snap.Objects, func(o snapshot.Object) bool { return !drop(o) })
	}
	c.snap.Webhooks = slices.DeleteFunc(c.snap.Webhooks, func(o *unstructured.Unstructured) bool { return drop(o) })
	c.snap.CRDs = slices.DeleteFunc(c.snap.CRDs, func(o *metav1.PartialObjectMetadata) bool { return drop(o) })
	c.snap.Injectors = slices.DeleteFunc(c.snap.Injectors, func(o *corev1.ConfigMap) bool { return drop(o) })
	for _, key := range slices.Sorted(maps.Keys(c.replaced)) {
		if others := c.others(key); len(others) > 0 {
			c.snap.Replaced = append(c.snap.Replaced, snapshot.Twice{Object: key, Others: others})
		}
	}
}

// others are the places of the objects that one replaces and that differ.
func (c *collector) others(key string) []finding.Location {
	var out []finding.Location
	last := c.snap.Origins[key]
	for _, o := range c.replaced[key] {
		if last.Text == nil || o.Path != last.Path || !bytes.Equal(bare(o.Text), bare(last.Text)) {
			out = append(out, c.snap.In(o, finding.Location{}))
		}
	}
	return out
}

// bare is a document without what separates it from others.
func bare(text []byte) []byte { return bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---"))) }

// anonymous is how the name of an object ends to which the API server gives
// one, each time another: no name ends so.
const anonymous = "*"

func unnamed(o snapshot.Object) bool {
	return o.GetName() == "" || strings.HasSuffix(o.GetName(), anonymous)
}
