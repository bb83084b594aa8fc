package cluster

import (
	"context"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// fluxRelease is the label of what Flux has Helm install.
const fluxRelease = "helm.toolkit.fluxcd.io/name"

// releases knows which Helm releases there are, by the metadata of what Helm
// keeps about them. A namespace is asked about once, and only if an object
// names a release in it.
type releases struct {
	from  Reader
	mu    sync.Mutex // guards known
	known map[string]func() map[string]bool
}

func newReleases(from Reader) *releases {
	return &releases{from: from, known: map[string]func() map[string]bool{}}
}

// gone says that an object carries the marks of a release that is no more:
// Helm leaves CRDs behind with them. Not where that is not certain: Helm can
// keep its releases in a database, and Flux in another namespace.
func (r *releases) gone(ctx context.Context, o metav1.Object) bool {
	namespace, name, ok := snapshot.HelmRelease(o)
	if !ok || namespace == "" || o.GetAnnotations()[snapshot.HelmPolicy] != "keep" || o.GetLabels()[fluxRelease] != "" {
		return false
	}
	r.mu.Lock()
	ask := r.known[namespace]
	if ask == nil {
		ask = sync.OnceValue(func() map[string]bool { return r.in(ctx, namespace) })
		r.known[namespace] = ask
	}
	r.mu.Unlock()
	there := ask()
	return there != nil && !there[name]
}

// in names the releases of a namespace; nil where they may not be read. Helm
// keeps them in Secrets, or in ConfigMaps if it is told to.
func (r *releases) in(ctx context.Context, namespace string) map[string]bool {
	out := map[string]bool{}
	for _, gvk := range []schema.GroupVersionKind{kind("", "v1", "Secret"), kind("", "v1", "ConfigMap")} {
		found, err := r.from.ListMeta(ctx, gvk, namespace, "owner=helm,status!=uninstalled")
		if err != nil {
			return nil
		}
		for _, o := range found {
			out[o.Labels["name"]] = true
		}
	}
	return out
}
