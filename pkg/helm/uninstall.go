package helm

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Removes lists what of a release is in the cluster and goes with it, and what
// Helm keeps because the chart says so.
func (c *Client) Removes(ctx context.Context, r Installed) (goes, kept []snapshot.Key, err error) {
	cfg, err := c.actions(r.Namespace)
	if err != nil {
		return nil, nil, err
	}
	last, err := cfg.Releases.Last(r.Name) // whatever became of it, as Helm takes it
	if err != nil {
		return nil, nil, fmt.Errorf("reading release %s: %w", r.Release, err)
	}
	objects, err := c.objects(ctx, last.Manifest, r.Namespace)
	if err != nil {
		return nil, nil, err
	}
	there, errs := make([]bool, len(objects)), make([]error, len(objects))
	kube.InParallel(len(objects), func(i int) { there[i], errs[i] = c.there(ctx, objects[i]) })
	for i, o := range objects {
		switch key := snapshot.KeyOf(o); {
		case errs[i] != nil:
			return nil, nil, fmt.Errorf("reading %s: %w", key, c.kube.Explain(errs[i]))
		case !there[i]:
		case o.GetAnnotations()[policy] == "keep":
			kept = append(kept, key)
		default:
			goes = append(goes, key)
		}
	}
	return goes, kept, nil
}

// there takes what may not be read for there.
func (c *Client) there(ctx context.Context, o *unstructured.Unstructured) (bool, error) {
	_, err := c.kube.Get(ctx, o.GroupVersionKind(), o.GetNamespace(), o.GetName())
	if err == nil || kube.Forbidden(err) {
		return true, nil
	}
	if kube.NotFound(err) || kube.UnknownKind(err) {
		return false, nil
	}
	return false, err
}

// Uninstall removes releases as `helm uninstall` does, in reverse order of
// installation. The CRDs stay, and with them everybody's configuration.
func (c *Client) Uninstall(ctx context.Context, releases []Installed, o install.Options) error {
	if o.Emit == nil {
		o.Emit = func(install.Event) {}
	}
	for _, r := range slices.Backward(releases) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("uninstalling release %s: %w", r.Release, err)
		}
		cfg, err := c.actions(r.Namespace)
		if err != nil {
			return err
		}
		if err := uninstall(cfg, r.Name); err != nil {
			return fmt.Errorf("uninstalling release %s: %w", r.Release, err)
		}
		o.Emit(install.Event{Type: install.Deleted, Object: "release " + r.Release.String(), Action: install.Delete})
	}
	return nil
}
