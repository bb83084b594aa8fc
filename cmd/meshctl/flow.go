package main

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/rendered"
	"github.com/meshctl/meshctl/pkg/writer"
)

// flow is the whole way from files to a verified installation. install runs
// it on the user's cluster, rehearse on the embedded control plane.
type flow struct {
	command string
	streams
	cfg        configFlags
	out        outputFlags
	flags      *kube.Flags
	yes, force bool
	timeout    time.Duration
	// takeOwnership takes fields from other managers.
	takeOwnership bool
	// atomic puts back what was there before, whatever fails.
	atomic  bool
	journal *install.Journal
	// open brings up the cluster once the files are known to be good; nil
	// where it is up already.
	open func(context.Context) error
	// prepare, if set, makes that cluster fit for what was rendered for it.
	prepare func(context.Context, *session) error

	begun time.Time // when the command was called
	start time.Time // of what takes its time, for progress
	shown bool      // a line that the next one takes the place of
	parts []*report.Report
	plan  *install.Plan
	wrote bool  // something was written, or may have been
	lacks error // why the last report may be incomplete
}

// run goes through the stages and prints what each says. Reports in
// other forms than text come at the end, joined, whatever happened before.
func (f *flow) run(ctx context.Context) error {
	if err := f.check(); err != nil {
		return err
	}
	defer runtime.KeepAlive(warmUp())
	f.begun = time.Now()
	snap, err := f.wanted(ctx)
	if err != nil {
		return f.out.failure(f.streams, f.command, err)
	}
	return f.conclude(snap, f.interrupted(ctx, f.stages(ctx, snap)))
}

// wanted is what to install: what the files say, else what is installed
// already, else the default profile.
func (f *flow) wanted(ctx context.Context) (*snapshot.Snapshot, error) {
	if f.cfg.given() || f.open != nil {
		return f.cfg.load(ctx, f.streams)
	}
	base, i, err := standing(ctx, f.streams, &f.cfg, f.out.quiet, f.flags, f.command)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return f.cfg.load(ctx, f.streams)
	}
	f.cfg.platform = cmp.Or(f.cfg.platform, i.Platform)
	return base.of(*i, &f.cfg).snap, nil
}

func (f *flow) check() error {
	if err := f.cfg.unambiguous(); err != nil {
		return err
	}
	if !f.yes && slices.Contains(f.cfg.files, "-") {
		return usagef("-f - takes standard input, so it cannot answer the question before applying; add --yes")
	}
	if err := f.out.check(); err != nil {
		return err
	}
	f.cfg.inherit(f.out.policy)
	return nil
}

func (f *flow) stages(ctx context.Context, snap *snapshot.Snapshot) error {
	if err := rendered.Check(ctx, snap); err != nil {
		return err
	}
	if err := f.stage(snap, rule.Validate, "Validate", writer.Text); err != nil {
		return err
	}
	if len(snap.Configs) == 0 {
		return errFindings
	}
	deploy := deploymentOf(snap)
	if err := deploy.accepts(f.command, snap); err != nil {
		return err
	}
	if _, releases := deploy.(*byHelm); releases && f.atomic && f.takeOwnership {
		return usagef("--atomic cannot give back what --take-ownership takes into a Helm release; leave one of them out")
	}
	if f.open != nil {
		if err := f.open(ctx); err != nil {
			return err
		}
	}
	session, err := connect(ctx, f.flags, snap)
	if err != nil {
		return err
	}
	if f.open == nil && !f.out.quiet {
		session.remind(ctx, f.streams, &f.cfg, f.flags)
	}
	snap.Settings.TakeOwnership = f.takeOwnership
	f.journal = f.newJournal()
	if err := session.render(ctx); err != nil {
		return err
	}
	if f.prepare != nil {
		if err := f.prepare(ctx, session); err != nil {
			return err
		}
	}
	if err := session.readFor(ctx, deploy, true); err != nil {
		return err
	}
	if err := f.stage(snap, rule.Precheck, "Precheck", writer.Checklist); err != nil {
		return err
	}
	if err := f.propose(ctx, session, deploy); err != nil {
		return err
	}
	return f.alone(ctx, session, deploy, func(ctx context.Context) error {
		return f.undo(ctx, session, deploy, f.carryOut(ctx, session, deploy))
	})
}

// interrupted says what a run that was told to stop leaves behind, where
// nothing else has said so.
func (f *flow) interrupted(ctx context.Context, ended error) error {
	switch {
	case ctx.Err() == nil || !errors.Is(ended, context.Canceled):
		return ended
	case f.wrote:
		return errors.New("interrupted; what was applied stays")
	}
	return errors.New("interrupted; nothing was applied")
}
