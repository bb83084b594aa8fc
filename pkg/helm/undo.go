package helm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/meshctl/meshctl/pkg/install"
)

// undoTimeout bounds putting one release back.
const undoTimeout = 2 * time.Minute

// undo puts back the releases that a failed run has touched, the last one
// first. Helm's history goes on: what was put back is a revision of its own.
func (c *Client) undo(ctx context.Context, p *Plan, touched []Planned, cause error, o Options) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout*time.Duration(len(touched)))
	defer cancel()
	for _, r := range slices.Backward(touched) {
		if !r.Changes() {
			continue
		}
		if err := c.putBack(ctx, r); err != nil {
			return fmt.Errorf("%w\nputting release %s back failed: %w; it stays as it is", cause, r.Release, err)
		}
		o.Emit(install.Event{Type: install.Deleted, Object: "what was new of release " + r.Release.String()})
	}
	for _, name := range p.namespaces {
		if err := c.removeNamespace(ctx, name); err != nil {
			return fmt.Errorf("%w\nremoving namespace %s failed: %w", cause, name, err)
		}
	}
	return fmt.Errorf("%w\nthe releases were put back as they were before", cause)
}

func (c *Client) putBack(ctx context.Context, p Planned) error {
	cfg, err := c.actions(p.Namespace)
	if err != nil {
		return err
	}
	last, err := cfg.Releases.Last(p.Name)
	if errors.Is(err, driver.ErrReleaseNotFound) || err == nil && p.last != nil && last.Version == p.last.Version {
		return nil // Helm stopped before it wrote anything
	}
	if err != nil {
		return fmt.Errorf("reading release %s: %w", p.Release, err)
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
		if used, err := c.used(ctx, o); err != nil || used {
			return err
		}
		live, err := c.kube.Get(ctx, o.GroupVersionKind(), s.Key.Namespace, s.Key.Name)
		if err != nil {
			continue // it was never made
		}
		if err := c.kube.Delete(ctx, live); err != nil {
			return fmt.Errorf("removing %s: %w", s.Key, err)
		}
	}
	return nil
}
