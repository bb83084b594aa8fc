package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/sandbox"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// noMetrics leaves out what only a real cluster can tell: simulated pods use
// nothing that could be measured.
func noMetrics() map[snapshot.Part]string {
	return map[snapshot.Part]string{snapshot.APIServices: "the embedded control plane has no metrics API, a cluster may"}
}

func newRehearse(s streams) *cobra.Command {
	f := &flow{command: "rehearse", streams: s, flags: kube.NewFlags(), out: outputFlags{events: true, off: noMetrics()}, yes: true, prepare: standIns}
	var keep bool
	cmd := &cobra.Command{
		Use:   "rehearse [-f FILE]... [--set PATH=VALUE]...",
		Short: "Do the whole installation on an embedded control plane",
		Long: `rehearse starts a real API server, controllers, scheduler and istiod on this
machine, installs what the files say into it, verifies the result and removes
everything. It needs no cluster and no container runtime; nodes and pods are
simulated, but istiod runs for real with the installed configuration.

It cannot tell whether images can be pulled, whether a cloud gives a load
balancer an address, whether autoscalers get metrics, or whether proxies carry
traffic.`,
		Example: `  meshctl rehearse
  meshctl rehearse -f istio.yaml
  meshctl rehearse --profile production
  meshctl rehearse -f istio.yaml --keep`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.rehearse(cmd.Context(), keep) },
	}
	f.cfg.add(cmd)
	f.out.add(cmd)
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the control plane running until Ctrl-C")
	cmd.Flags().BoolVar(&f.force, "force", false, "go on in spite of errors of validate and precheck")
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "wait at most this `DURATION` for each component to be ready")
	return cmd
}

// rehearse runs the flow on a sandbox of its own. The files are judged before
// it starts, so that a broken one costs nothing; it is removed whatever
// happens.
func (f *flow) rehearse(ctx context.Context, keep bool) (err error) {
	var box *sandbox.Sandbox
	f.open = func(ctx context.Context) error {
		f.start = time.Now()
		started, err := sandbox.Start(ctx, sandbox.Options{Progress: f.sandboxProgress(ctx)})
		if err != nil {
			return fmt.Errorf("starting the control plane: %w", err)
		}
		box = started
		f.flags.UseKubeconfig(box.Kubeconfig())
		return nil
	}
	defer func() {
		if box == nil {
			return
		}
		f.say("removing the control plane")
		if stopErr := box.Stop(context.WithoutCancel(ctx)); stopErr != nil && err == nil {
			err = fmt.Errorf("stopping the control plane: %w", stopErr)
		}
	}()
	err = f.run(ctx)
	if err == nil {
		f.say("the installation works")
	}
	if keep && box != nil && ctx.Err() == nil {
		return errors.Join(err, f.keep(ctx, box, err))
	}
	return err
}

// keep leaves the control plane running until Ctrl-C, and says before why the
// rehearsal failed if it did.
func (f *flow) keep(ctx context.Context, box *sandbox.Sandbox, failed error) error {
	if failed != nil && failed.Error() != "" {
		fmt.Fprintf(f.streams.err, "%s\n", writer.CleanLines(failed.Error()))
	}
	fmt.Fprintf(f.streams.err, "The control plane keeps running until Ctrl-C:\n  export KUBECONFIG=%s\n", box.Kubeconfig())
	select {
	case <-ctx.Done():
	case <-box.Done():
		return errors.New("the control plane ended by itself")
	}
	return nil
}

// sandboxProgress prints the start of the control plane. Once it is up, only
// what breaks is news: the pods' own story is told by the installation.
func (f *flow) sandboxProgress(ctx context.Context) func(sandbox.Event) {
	up := false
	return func(e sandbox.Event) {
		switch {
		case ctx.Err() != nil: // whatever fails now was told to stop
		case e.Type == sandbox.EventReady:
			up = true
			f.say("the control plane is ready")
		case e.Type == sandbox.EventError:
			f.say("%s failed: %s", e.Component, writer.Clean(e.Message))
		case !up:
			f.say("%s: %s", e.Component, writer.Clean(e.Message))
		}
	}
}
