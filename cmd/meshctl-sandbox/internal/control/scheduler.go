package control

import (
	"context"
	"fmt"

	"k8s.io/kubernetes/cmd/kube-scheduler/app"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// StartScheduler runs kube-scheduler and returns when its informers have seen
// the cluster, which is what its own /readyz waits for.
func StartScheduler(ctx context.Context, files Files) (*Part, error) {
	s := options.NewOptions()
	if err := parse(*s.Flags, schedulerFlags(files)); err != nil {
		return nil, fmt.Errorf("configuring kube-scheduler: %w", err)
	}
	synced := make(chan struct{})
	part := start("kube-scheduler", func(ctx context.Context) error {
		ctx, err := withLogger(ctx, files, "kube-scheduler")
		if err != nil {
			return err
		}
		config, scheduler, err := app.Setup(ctx, s)
		if err != nil {
			return err
		}
		go func() {
			config.InformerFactory.WaitForCacheSync(ctx.Done())
			if scheduler.WaitForHandlersSync(ctx) == nil {
				close(synced)
			}
		}()
		return app.Run(ctx, config, scheduler)
	})
	select {
	case <-synced:
		return part, nil
	case <-part.Done():
		return part, fmt.Errorf("kube-scheduler ended while starting: %w", part.Err())
	case <-ctx.Done():
		return part, fmt.Errorf("waiting for kube-scheduler: %w", ctx.Err())
	}
}

func schedulerFlags(files Files) []string {
	return []string{
		"--kube-api-burst=800",
		"--kube-api-qps=400",
		"--kubeconfig=" + files.Kubeconfig,
		"--leader-elect=false",
		"--profiling=false",
		"--secure-port=0",
	}
}
