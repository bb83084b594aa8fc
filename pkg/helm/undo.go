package helm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
)

// undoTimeout bounds putting one release back.
const undoTimeout = 2 * time.Minute

// Undo puts back every release that carrying out a plan has touched, the last
// one first, and tries the others where one cannot be put back. Helm's history
// goes on: what was put back is a revision of its own.
func (c *Client) Undo(ctx context.Context, p *Plan, emit func(install.Event)) error {
	var failed []error
	for _, r := range slices.Backward(p.Releases) {
		if !r.Changes() {
			continue
		}
		if err := c.putBack(ctx, r); err != nil {
			failed = append(failed, fmt.Errorf("putting release %s back failed: %w; it stays as it is", r.Release, err))
			continue
		}
		emit(install.Event{Type: install.Deleted, Object: "what was new of release " + r.Release.String()})
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	for _, name := range p.namespaces {
		if err := c.removeNamespace(ctx, name); err != nil {
			return fmt.Errorf("removing namespace %s failed: %w", name, err)
		}
	}
	return nil
}

// Touched says whether carrying out a plan has changed any of its releases, or
// made a namespace for one.
func (c *Client) Touched(ctx context.Context, p *Plan) (bool, error) {
	for _, name := range p.namespaces {
		if _, err := c.kube.Get(ctx, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", name); err == nil {
			return true, nil
		} else if !kube.NotFound(err) {
			return false, fmt.Errorf("reading namespace %s: %w", name, err)
		}
	}
	for _, r := range p.Releases {
		cfg, err := c.actions(r.Namespace)
		if err != nil {
			return false, err
		}
		if yes, err := touched(cfg, r); err != nil || yes {
			return yes, err
		}
	}
	return false, nil
}

// touched says whether Helm wrote a revision of a release that is none of
// those which were there when the plan was made.
func touched(cfg *action.Configuration, p Planned) (bool, error) {
	if !p.Changes() {
		return false, nil
	}
	last, err := cfg.Releases.Last(p.Name)
	switch {
	case errors.Is(err, driver.ErrReleaseNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("reading release %s: %w", p.Release, err)
	}
	return p.last == nil || last.Version != p.last.Version, nil
}

// putBack puts one release back. Helm takes no context: once it has begun, only
// the end of the program ends it.
func (c *Client) putBack(ctx context.Context, p Planned) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cfg, err := c.actions(p.Namespace)
	if err != nil {
		return err
	}
	if yes, err := touched(cfg, p); err != nil || !yes {
		return err
	}
	if p.base != nil {
		back := action.NewRollback(cfg)
		back.Version, back.Timeout, back.MaxHistory = p.base.Version, undoTimeout, maxHistory
		return back.Run(p.Name)
	}
	if err := uninstall(cfg, p.Name); err != nil {
		return err
	}
	return c.removeKept(ctx, p)
}

func uninstall(cfg *action.Configuration, name string) error {
	un := action.NewUninstall(cfg)
	un.Timeout, un.Wait, un.IgnoreNotFound, un.DeletionPropagation = undoTimeout, true, true, "background"
	_, err := un.Run(name)
	return err
}

// removeKept removes what Helm keeps on uninstalling, the CRDs, where this run
// made it and nobody has used it since.
func (c *Client) removeKept(ctx context.Context, p Planned) error {
	for _, s := range p.Steps[1:] {
		o := s.Manifest.Object
		if s.Action != install.Create || o.GetAnnotations()[policy] != "keep" {
			continue
		}
		used, err := c.used(ctx, o)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		live, err := c.kube.Get(ctx, o.GroupVersionKind(), s.Key.Namespace, s.Key.Name)
		if kube.NotFound(err) {
			continue // it was never made
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.Key, err)
		}
		if err := c.kube.Delete(ctx, live); err != nil {
			return fmt.Errorf("removing %s: %w", s.Key, err)
		}
	}
	return nil
}
