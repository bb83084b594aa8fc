package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newPrecheck(s streams) *cobra.Command {
	var cfg configFlags
	var out outputFlags
	flags := kube.NewFlags()
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "precheck [-f FILE]... [--set PATH=VALUE]...",
		Short: "Ask a cluster whether it is ready for exactly this installation",
		Long: `precheck renders what the files would install and asks the cluster about it:
versions, platform, every permission on every kind, other control planes, Pod
Security and Gateway API CRDs. It writes nothing; the only requests that are
not reads are permission questions and server-side dry runs.

A check that may not read what it needs is skipped and says why. It never
counts as passed; with --strict it counts as failed.`,
		Example: `  meshctl precheck
  meshctl precheck -f istio.yaml --context prod-eu
  meshctl precheck -f istio.yaml -o json --strict`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return look(cmd.Context(), s, &cfg, &out, flags, timeout, rule.Precheck, cluster.Precheck)
		},
	}
	cfg.add(cmd)
	out.add(cmd)
	flags.AddFlags(cmd.Flags())
	addTimeout(cmd, &timeout, time.Minute)
	return cmd
}

func addTimeout(cmd *cobra.Command, into *time.Duration, value time.Duration) {
	cmd.Flags().DurationVar(into, "timeout", value, "give up after this `DURATION`")
}

// look runs a read-only stage against a cluster: load, connect, render, read,
// judge, print.
func look(ctx context.Context, s streams, cfg *configFlags, out *outputFlags, flags *kube.Flags, timeout time.Duration,
	stage rule.Stage, read func(context.Context, *kube.Client, *snapshot.Snapshot),
) error {
	if err := out.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	snap, err := cfg.load(s)
	if err != nil {
		return err
	}
	if broken, err := out.validated(snap); err != nil {
		return err
	} else if broken != nil {
		return out.finish(s, broken, writer.Text)
	}
	session, err := connect(ctx, flags, snap)
	if err != nil {
		return err
	}
	if err := session.render(ctx); err != nil {
		return err
	}
	read(ctx, session.client, snap)
	rep, err := out.judge(snap, stage)
	if err != nil {
		return err
	}
	return out.finish(s, rep, writer.Checklist)
}

// validated returns the report of the validate stage if it holds errors, and
// nil otherwise: what cannot be installed needs no look at a cluster.
func (o *outputFlags) validated(snap *snapshot.Snapshot) (*report.Report, error) {
	rep, err := o.judge(snap, rule.Validate)
	if err != nil || rep.Summary.Error == 0 {
		return nil, err
	}
	return rep, nil
}

// judge runs the rules of a stage and adds what was read.
func (o *outputFlags) judge(snap *snapshot.Snapshot, stage rule.Stage) (*report.Report, error) {
	opts, err := o.engineOptions(stage)
	if err != nil {
		return nil, err
	}
	rep := engine.Run(rules.All(), snap, opts)
	rep.Files = report.Files{Checked: len(snap.Configs), Others: snap.Others}
	return rep, nil
}
