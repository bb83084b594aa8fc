package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newPlan(s streams) *cobra.Command {
	var cfg configFlags
	out := outputFlags{only: []string{textFormat, "json"}} // a plan is no list of findings
	flags := kube.NewFlags()
	var timeout time.Duration
	var take bool
	cmd := &cobra.Command{
		Use:   "plan [-f FILE]... [--set PATH=VALUE]...",
		Short: "Show what install would create, change and delete",
		Long: `plan sends every object of the installation as a server-side dry run and shows
what would be different afterwards. It writes nothing.

Without -f, --set and --profile it is about what is installed: what install
recorded, or what can be read back from the cluster; where nothing is, about
the default profile.

Exit code 0: the cluster is as wanted. 1: it differs.`,
		Example: `  meshctl plan -f istio.yaml
  meshctl plan -f istio.yaml --set values.pilot.autoscaleMin=2
  meshctl plan                   # did anybody change what is installed?`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			return plan(ctx, s, &cfg, &out, flags, take)
		},
	}
	cfg.add(cmd)
	cfg.addOwner(cmd)
	out.add(cmd)
	flags.AddFlags(cmd.Flags())
	addTimeout(cmd, &timeout, time.Minute)
	cmd.Flags().BoolVar(&take, "take-ownership", false, "show what install --take-ownership would do")
	return cmd
}

func plan(ctx context.Context, s streams, cfg *configFlags, out *outputFlags, flags *kube.Flags, take bool) error {
	if err := out.check(); err != nil {
		return err
	}
	cfg.inherit(out.policy)
	sessions, broken, err := subjects(ctx, s, cfg, out, flags, planning)
	if err != nil {
		return out.failure(s, "plan", err)
	}
	if broken != nil {
		return out.refuse(s, broken, "plan")
	}
	session := sessions[0]
	session.snap.Settings.TakeOwnership = take
	deploy := deploymentOf(session.snap)
	if err := session.readFor(ctx, deploy, false); err != nil {
		return out.failure(s, "plan", err)
	}
	p, err := session.plan(ctx, deploy)
	if err != nil {
		return out.failure(s, "plan", err)
	}
	for _, o := range out.outputs {
		d := parseDestination(o)
		if err := emit(s, d, func(w io.Writer) error { return out.printPlan(w, s.out, p, d, writer.PlanOptions{Taken: take}) }); err != nil {
			return err
		}
	}
	lacks := incomplete("plan", session)
	if lacks != nil {
		lacks = out.hide(lacks)
	}
	if p.Empty() {
		return lacks
	}
	if out.stdout() == textFormat && !out.quiet {
		fmt.Fprintf(s.out, "This is %s; %s.\n", writer.Clean(subjectOf(session.snap)), whatInstall(session.snap, p, take))
	}
	return lacking(errFindings, lacks)
}

// whatInstall says what install makes of a plan.
func whatInstall(snap *snapshot.Snapshot, p *install.Plan, take bool) string {
	if snap.Configs[0].Reconstructed {
		return "`meshctl install` applies it with -f and the file that istioctl was given, of which the cluster does not keep all"
	}
	conflicts := 0
	for _, s := range p.Steps {
		if len(s.Conflicts) > 0 {
			conflicts++
		}
	}
	if conflicts > 0 && !take {
		return "`meshctl install` refuses it because of " + finding.Count(conflicts, "object") + " with fields of others, unless --take-ownership takes them over"
	}
	return "`meshctl install` with the same flags applies it"
}

// plan asks the cluster what applying the rendered objects would change.
// Refusals are the configuration's fault or the user's rights, not a failure
// of the tool.
func (s *session) plan(ctx context.Context, deploy deployment) (*install.Plan, error) {
	p, err := deploy.plan(ctx, s)
	if err != nil {
		var refused *install.Refused
		if errors.As(err, &refused) {
			return nil, &exitError{exitFindings, err}
		}
		return nil, fmt.Errorf("planning: %w", err)
	}
	return p, nil
}
