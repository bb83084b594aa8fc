package helm

import (
	"context"
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/install"
)

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
