package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/source/rendered"
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

Without -f, --set and --profile it is about what is installed already, or else
about the default profile.

A check that may not read what it needs is skipped and says why. It never
counts as passed; with --strict it counts as failed.`,
		Example: `  meshctl precheck
  meshctl precheck -f istio.yaml --context prod-eu
  meshctl precheck -f istio.yaml -o json --strict`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return look(cmd.Context(), s, &cfg, &out, flags, timeout, rule.Precheck, false)
		},
	}
	cfg.add(cmd)
	cfg.addOwner(cmd)
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
	stage rule.Stage, wait bool,
) error {
	if err := out.check(); err != nil {
		return err
	}
	cfg.inherit(out.policy)
	defer runtime.KeepAlive(warmUp())
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sessions, broken, err := subjects(ctx, s, cfg, out, flags, stage)
	if err != nil {
		return out.failure(s, string(stage), err)
	}
	if broken != nil {
		return out.refuse(s, broken, string(stage))
	}
	l := &looker{s, out, stage, sessions}
	report := l.round
	if wait {
		report = l.until
	}
	rep, err := report(ctx)
	if err != nil {
		return out.failure(s, string(stage), err)
	}
	return out.complete(s, rep, sessions[0])
}

// looker looks at installations in a cluster.
type looker struct {
	streams
	out      *outputFlags
	stage    rule.Stage
	sessions []*session
}

// round reads what the rules need and judges it, once.
func (l *looker) round(ctx context.Context) (*report.Report, error) {
	var parts []*report.Report
	for i, session := range l.sessions {
		if i > 0 {
			session.snap.Take(l.sessions[i-1].snap, cluster.Lists())
		}
		opts, err := l.out.engineOptions(l.stage, session.snap)
		if err != nil {
			return nil, err
		}
		if err := cluster.Read(ctx, session.client, session.snap, engine.Parts(rules.All(), opts)); err != nil {
			return nil, err
		}
		rep, err := l.out.judge(session.snap, l.stage)
		if err != nil {
			return nil, err
		}
		parts = append(parts, rep)
	}
	for _, session := range l.sessions {
		l.out.about = append(l.out.about, session.snap)
	}
	return report.Merge(string(l.stage), parts...), nil
}

// complete prints a report and, where a request got no usable answer or an
// installation is not understood, makes it a failure: what the report lacks for
// that may be what is wrong.
func (o *outputFlags) complete(s streams, rep *report.Report, about *session) error {
	lacks := errors.Join(about.unread, incomplete("report", about))
	if lacks != nil {
		lacks = o.hide(lacks)
		rep.Failure = lacks.Error()
	}
	return lacking(o.finish(s, rep, writer.Checklist), lacks)
}

// lacking adds to what a report came to that it may be incomplete. Findings
// stay findings.
func lacking(result, lacks error) error {
	var exit *exitError
	switch {
	case result == nil:
		return lacks
	case lacks != nil && errors.As(result, &exit) && exit.cause == nil:
		return &exitError{exit.code, lacks}
	}
	return result
}

// incomplete says that a request got no usable answer, so that what was made
// of the answers may lack something.
func incomplete(what string, s *session) error {
	if err := s.client.Unanswered(); err != nil {
		return fmt.Errorf("the %s may be incomplete: %w", what, err)
	}
	return nil
}

// open loads a configuration, connects to the cluster and renders. Where the
// configuration has errors it returns their report instead: what cannot be
// installed needs no look at a cluster.
func open(ctx context.Context, s streams, cfg *configFlags, out *outputFlags, flags *kube.Flags, stage rule.Stage) (*session, *report.Report, error) {
	snap, err := cfg.load(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err := rendered.Check(ctx, snap); err != nil {
		return nil, nil, err
	}
	rep, err := out.gate(snap, rule.Validate)
	if err != nil {
		return nil, nil, err
	}
	if rep.Summary.Error > 0 || rep.Summary.Crashed > 0 || len(snap.Configs) == 0 {
		return nil, rep, nil
	}
	session, err := connect(ctx, flags, snap)
	if err != nil {
		return nil, nil, err
	}
	session.asIs = stage == rule.Verify
	if !out.quiet {
		session.remind(ctx, s, cfg, flags)
	}
	return session, nil, session.render(ctx)
}

// refuse prints why a configuration cannot be worked with. That is never a
// success, whatever rules were selected.
func (o *outputFlags) refuse(s streams, broken *report.Report, command string) error {
	broken.Command = command
	if err := o.finish(s, broken, writer.Text); err != nil {
		return err
	}
	return errFindings
}

// judge runs the selected rules of a stage and adds what was read.
func (o *outputFlags) judge(snap *snapshot.Snapshot, stage rule.Stage) (*report.Report, error) {
	opts, err := o.engineOptions(stage, snap)
	if err != nil {
		return nil, err
	}
	return o.examine(snap, rules.All(), opts), nil
}

// gate judges a stage that others follow: --select, which is about what the
// user wants to see, leaves no rule out. Rules that run in precheck too wait
// for it, where they know the cluster.
func (o *outputFlags) gate(snap *snapshot.Snapshot, stage rule.Stage) (*report.Report, error) {
	opts, err := o.engineOptions(stage, snap)
	if err != nil {
		return nil, err
	}
	opts.Select = nil
	all := slices.DeleteFunc(rules.All(), func(r *rule.Rule) bool { return stage == rule.Validate && r.In(rule.Precheck) })
	return o.examine(snap, all, opts), nil
}

// examine runs rules and remembers what they looked at, because its secrets
// are masked in all that is printed.
func (o *outputFlags) examine(snap *snapshot.Snapshot, all []*rule.Rule, opts engine.Options) *report.Report {
	o.about = append(o.about[:min(len(o.about), 1)], snap)
	rep := engine.Run(all, snap, opts)
	rep.Files = report.Files{Checked: len(snap.Configs), Others: snap.Others}
	rep.Notes = append(rep.Notes, o.policy.leavesOut()...)
	return rep
}
