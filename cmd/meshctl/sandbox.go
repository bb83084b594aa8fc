package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/sandbox"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newSandbox(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox COMMAND",
		Short: "Run the embedded control plane by itself",
		Long: `sandbox runs a real API server with etcd, controllers, scheduler, simulated
nodes and a real istiod on this machine, on loopback and unix sockets only.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSandboxUp(s), newSandboxStatus(s), newSandboxDown(s))
	return cmd
}

func newSandboxUp(s streams) *cobra.Command {
	var opts sandbox.Options
	var detach, istiod bool
	var kubeconfig string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start it and keep it running until Ctrl-C",
		Example: `  meshctl sandbox up
  eval "$(meshctl sandbox up --detach)" && kubectl get nodes`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Nodes < 1 {
				return usagef("--nodes: want at least 1")
			}
			opts.NoIstiod = !istiod
			opts.Progress = func(e sandbox.Event) { narrateSandbox(s, e) }
			if detach {
				return sandboxDetached(cmd.Context(), s, opts, kubeconfig)
			}
			return sandboxForeground(cmd.Context(), s, opts, kubeconfig)
		},
	}
	cmd.Flags().IntVar(&opts.Nodes, "nodes", 3, "number of simulated nodes")
	cmd.Flags().BoolVar(&istiod, "istiod", true, "run istiod's pods as real processes")
	cmd.Flags().BoolVar(&detach, "detach", false, "return once it is ready; 'sandbox down' ends it")
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "write a copy of the kubeconfig to this `FILE`")
	return cmd
}

func sandboxForeground(ctx context.Context, s streams, opts sandbox.Options, kubeconfig string) error {
	box, err := sandbox.Start(ctx, opts)
	if err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	path, err := exportKubeconfig(box.Kubeconfig(), kubeconfig)
	if err == nil {
		fmt.Fprintf(s.out, "export KUBECONFIG=%s\n", path)
		fmt.Fprintln(s.err, "Ctrl-C ends it.")
		select {
		case <-ctx.Done():
		case <-box.Done():
			err = fmt.Errorf("the sandbox ended by itself")
		}
	}
	if stopErr := box.Stop(context.WithoutCancel(ctx)); stopErr != nil && err == nil {
		err = fmt.Errorf("stopping the sandbox: %w", stopErr)
	}
	return err
}

func sandboxDetached(ctx context.Context, s streams, opts sandbox.Options, kubeconfig string) error {
	status, err := sandbox.StartDetached(ctx, opts)
	if err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	path, err := exportKubeconfig(status.Kubeconfig, kubeconfig)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "export KUBECONFIG=%s\n", path)
	return err
}

// exportKubeconfig copies the kubeconfig to where the user wants it, readable
// by nobody else: it holds an administrator's key.
func exportKubeconfig(from, to string) (string, error) {
	if to == "" {
		return from, nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return "", fmt.Errorf("reading the sandbox's kubeconfig: %w", err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		return "", fmt.Errorf("writing kubeconfig: %w", err)
	}
	return to, nil
}

func newSandboxStatus(s streams) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List the processes and addresses of a detached sandbox",
		Args:  arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if output != "text" && output != "json" {
				return usagef("unknown output format %q, want text or json", output)
			}
			status, err := sandbox.LoadStatus("")
			if err != nil {
				return err
			}
			if output == "json" {
				return writer.Encode(s.out, status)
			}
			return printStatus(s, status)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT`: text or json")
	return cmd
}

func printStatus(s streams, status *sandbox.Status) error {
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "kubeconfig\t%s\nserver\t%s\nup since\t%s\n\n", status.Kubeconfig, status.Server, status.StartedAt.Format(time.RFC3339))
	fmt.Fprintln(w, "COMPONENT\tSTATE\tPID\tADDRESS")
	for _, c := range status.Components {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", c.Name, c.State, c.PID, c.Address)
	}
	return w.Flush()
}

func newSandboxDown(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "End a detached sandbox and remove its files",
		Args:  arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := sandbox.StopDetached(cmd.Context(), ""); err != nil {
				return err
			}
			_, err := fmt.Fprintln(s.err, "the sandbox is down")
			return err
		},
	}
}

func narrateSandbox(s streams, e sandbox.Event) {
	seconds := float64(e.ElapsedMS) / 1000
	switch e.Type {
	case sandbox.EventProgress:
		fmt.Fprintf(s.err, "%5.1fs %s: %s\n", seconds, e.Component, writer.Clean(e.Message))
	case sandbox.EventError:
		fmt.Fprintf(s.err, "%5.1fs %s failed: %s\n", seconds, e.Component, writer.Clean(e.Message))
	}
}
