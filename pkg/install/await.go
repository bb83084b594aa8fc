package install

import (
	"context"

	"github.com/meshctl/meshctl/pkg/kube"
)

// Wait waits for objects that something else than Apply has sent, in Apply's
// way: until all are ready, with the causes where they don't get so.
func Wait(ctx context.Context, c *kube.Client, component string, steps []Step, o Options) error {
	if o.Timeout == 0 || len(steps) == 0 {
		return nil
	}
	if o.Emit == nil {
		o.Emit = func(Event) {}
	}
	for i := range steps {
		steps[i].Manifest.Component = component
	}
	markWebhooks(steps)
	return wait(ctx, c, steps, o)
}
