package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/sandbox"
)

func newRehearse(s streams) *cobra.Command {
	f := &flow{command: "rehearse", streams: s, flags: kube.NewFlags(), yes: true}
	var keep bool
	cmd := &cobra.Command{
		Use:   "rehearse [-f FILE]... [--set PATH=VALUE]...",
		Short: "Do the whole installation on an embedded control plane",
		Long: `rehearse starts a real API server, controllers, scheduler and istiod on this
machine, installs what the files say into it, verifies the result and removes
everything. It needs no cluster and no container runtime; nodes and pods are
simulated, but istiod runs for real with the installed configuration.

It cannot tell whether images can be pulled, whether a cloud gives a load
balancer an address, or whether proxies carry traffic.`,
		Example: `  meshctl rehearse
  meshctl rehearse -f istio.yaml
  meshctl rehearse -f istio.yaml --keep`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.rehearse(cmd.Context(), keep) },
	}
	f.cfg.add(cmd)
	f.out.add(cmd)
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the control plane running until Ctrl-C")
	cmd.Flags().BoolVar(&f.force, "force", false, "go on in spite of errors of validate and precheck")
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "wait at most this `DURATION` for each component to be ready")
	return cmd
}

// rehearse checks the files first, so that a broken one costs no start, and
// removes the sandbox whatever happens.
func (f *flow) rehearse(ctx context.Context, keep bool) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	start := time.Now()
	box, err := sandbox.Start(ctx, sandbox.Options{Progress: f.sandboxProgress()})
	if err != nil {
		return fmt.Errorf("starting the control plane: %w", err)
	}
	defer func() {
		if stopErr := box.Stop(context.WithoutCancel(ctx)); stopErr != nil && err == nil {
			err = fmt.Errorf("stopping the control plane: %w", stopErr)
		}
	}()
	f.flags.UseKubeconfig(box.Kubeconfig())
	err = f.run(ctx)
	if err == nil && !f.out.quiet {
		fmt.Fprintf(f.streams.err, "rehearsed in %.1fs\n", time.Since(start).Seconds())
	}
	if keep && ctx.Err() == nil {
		fmt.Fprintf(f.streams.err, "The control plane keeps running until Ctrl-C:\n  export KUBECONFIG=%s\n", box.Kubeconfig())
		select {
		case <-ctx.Done():
		case <-box.Done():
		}
	}
	return err
}

func (f *flow) sandboxProgress() func(sandbox.Event) {
	if f.out.quiet {
		return nil
	}
	return func(e sandbox.Event) { narrateSandbox(f.streams, e) }
}
