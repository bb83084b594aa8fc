package files

import (
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// patches are the files that kustomizations lay over other objects.
type patches map[string]bool

// collect remembers the patch files of a kustomization.
func (p patches) collect(docs []*document.Document) {
	for _, d := range docs {
		if !strings.HasPrefix(d.Root.Str("apiVersion"), "kustomize.config.k8s.io/") && !isKustomization(d.File) {
			continue
		}
		for _, patch := range append(d.Root.Field("patches").Items(), d.Root.Field("patchesStrategicMerge").Items()...) {
			if name := cmp.Or(patch.Str("path"), patch.Str()); name != "" && !strings.Contains(name, "\n") {
				p[filepath.Join(filepath.Dir(d.File), name)] = true
			}
		}
	}
}

// isKustomization knows the names that kustomize looks for; in such a file it
// needs neither kind nor apiVersion.
func isKustomization(file string) bool {
	return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, filepath.Base(file))
}

// transforms says whether a kustomization makes other objects of those that it
// lists.
func transforms(d *document.Document) bool {
	return slices.ContainsFunc([]string{"patches", "patchesStrategicMerge", "patchesJson6902", "namespace", "namePrefix", "nameSuffix", "replacements", "components"},
		func(field string) bool { return d.Root.Field(field) != nil })
}

// findPatches reads the kustomizations first: a file that one lays over an
// object holds a part of it only.
func (c *collector) findPatches(inputs []input, o Options, stdin io.Reader) error {
	for _, in := range inputs {
		if !isKustomization(in.path) {
			continue
		}
		docs, err := o.read(in.path, stdin)
		if err != nil {
			return err
		}
		c.patches.collect(docs)
		c.patched = c.patched || slices.ContainsFunc(docs, transforms)
	}
	return nil
}

// patch keeps the documents of a patch. What comes of it only kustomize knows.
func (c *collector) patch(in input, parts []document.Part) {
	kept := loaded{input: in}
	for _, p := range parts {
		kept.docs = append(kept.docs, document.ParsePart(in.path, p)...)
	}
	c.files = append(c.files, kept)
}

// inlinePatches are those that stand in the kustomization itself. Lists of
// JSON patches (RFC 6902) are not looked into.
func (w wrapping) inlinePatches() []*snapshot.Config {
	var out []*snapshot.Config
	for _, patch := range append(w.root.Field("patches").Items(), w.root.Field("patchesStrategicMerge").Items()...) {
		text := or(patch.Field("patch"), patch)
		if text.Kind != document.String || !strings.Contains(text.Text, "\n") {
			continue
		}
		if root := w.nested(text, &release{}); root != nil && root.Kind == document.Map {
			configs, _ := w.object(w.doc, root)
			for _, c := range configs {
				c.Patch = true
			}
			out = append(out, configs...)
		}
	}
	return out
}

// layPatches lays each patch over its object, so that it is judged as what
// comes of both. Where the files do not hold exactly one such object, the
// patch says of itself that a part is not seen.
func layPatches(configs []*snapshot.Config) {
	for _, c := range configs {
		if !c.Patch {
			continue
		}
		if base := patched(c, configs); base != nil {
			lieOver(c, base)
		} else if c.Wrapper == nil || c.Wrapper.Kind == "HelmRelease" || c.Wrapper.Kind == "Application" {
			c.Unseen = append(c.Unseen, unseen(c.Root.Key(), "this is a patch: the object that it is laid over is not seen here and was not judged"))
		}
	}
}

// patched is the object that a patch is for.
func patched(c *snapshot.Config, configs []*snapshot.Config) *snapshot.Config {
	var base *snapshot.Config
	for _, other := range configs {
		if other.Patch || other.Chart != c.Chart || !sameObject(identity(c), identity(other)) {
			continue
		}
		if base != nil {
			return nil
		}
		base = other
	}
	return base
}

// identityOf is what an object is called; kustomize may add the namespace later.
type identityOf struct{ kind, namespace, name string }

func identity(c *snapshot.Config) identityOf {
	if w := c.Wrapper; w != nil {
		return identityOf{w.Kind, w.Namespace, w.Name}
	}
	return identityOf{c.Root.Str("kind"), c.Root.Str("metadata", "namespace"), c.Root.Str("metadata", "name")}
}

func sameObject(a, b identityOf) bool {
	return a.name != "" && a.kind == b.kind && a.name == b.name && (a.namespace == b.namespace || a.namespace == "" || b.namespace == "")
}

func lieOver(c, base *snapshot.Config) {
	c.Root = document.Merge(base.Root, c.Root)
	c.Unseen = append(c.Unseen, base.Unseen...)
	c.ReleaseNamespace = cmp.Or(c.ReleaseNamespace, base.ReleaseNamespace)
	if w := c.Wrapper; w != nil && w.Version == nil {
		w.Version, w.Pinned, c.Istio = base.Wrapper.Version, base.Wrapper.Pinned, base.Istio
	}
}
