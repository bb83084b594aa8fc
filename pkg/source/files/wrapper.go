package files

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// finder recognises configurations. It knows what the command line says and
// the sources of charts that stand in any of the files.
type finder struct {
	chart   string
	sources sources
	homes   homes
	patches patches
	refs    references
	// ours tells documents that are not of another kind though nothing was
	// found in them; nil for none.
	ours func(*document.Document) bool
}

// wrapped looks into the objects of GitOps tools. The second result says
// whether the document is one of them, be it with Istio inside or not.
func (f finder) wrapped(d *document.Document, root *document.Value) ([]*snapshot.Config, bool) {
	group, version, _ := strings.Cut(root.Str("apiVersion"), "/")
	w := wrapping{finder: f, doc: d, root: root}
	switch kind := meantKind(root); {
	case group == "helm.toolkit.fluxcd.io" && kind == "HelmRelease":
		return w.flux(), true
	case group == "argoproj.io" && kind == "Application":
		return w.argo(root.Field("spec")), true
	case group == "argoproj.io" && kind == "ApplicationSet":
		return w.argoSet(), true
	case group == "sailoperator.io" && (version == "v1" || kind == "ZTunnel"):
		return w.sail(), true
	case group == "helm.cattle.io" && kind == "HelmChart":
		return w.cattle(), true
	case group == "v1" && version == "" && kind == "ConfigMap":
		return w.configMap(), true
	case group == "kustomize.config.k8s.io" && kind == "Kustomization":
		return w.kustomization(), true
	case root.Field("apiVersion") == nil && root.Field("kind") == nil && helmfile(root):
		return w.helmfile(), true
	}
	return nil, false
}

// wrapping is one object of a GitOps tool that is being looked into.
type wrapping struct {
	finder
	doc  *document.Document
	root *document.Value
}

// wrapper begins the description of the object.
func (w wrapping) wrapper() snapshot.Wrapper {
	return snapshot.Wrapper{Kind: meantKind(w.root), Object: w.root, Namespace: w.root.Str("metadata", "namespace"), Name: w.root.Str("metadata", "name")}
}

// nested reads the YAML in a string, and hands its problems to the document.
// What the object's tool fills in before is no problem, but not seen either.
func (w wrapping) nested(v *document.Value, r *release) *document.Value {
	inner := v.Nested()
	if inner == nil {
		return nil
	}
	for _, p := range inner.Problems {
		if p.Kind == document.Template && inner.Blanked {
			filled := r.Filled("{{")
			r.unseen = append(r.unseen, snapshot.Unseen{At: p.At, Message: "the lines that " + r.Filler + " fills in were not judged", Silent: !filled})
		}
		if p.Kind != document.Template || !r.Filled("{{") {
			w.doc.Problems = append(w.doc.Problems, p)
		}
	}
	w.doc.Comments = append(w.doc.Comments, inner.Comments...)
	return inner.Root
}

// unseen notes that values are kept somewhere else.
func unseen(at finding.Locator, message string) snapshot.Unseen {
	return snapshot.Unseen{At: at, Message: message}
}

// plainText tells one value from another, whatever it looks like in the file.
func plainText(v *document.Value) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v.Any())
}

// empty stands for the values of a release that sets none.
func empty(at *document.Value) *document.Value {
	return document.FromGo(map[string]any{}, at.Key().Location())
}
