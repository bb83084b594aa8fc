package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
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

// carryOut applies the plan and verifies what came of it. With --atomic an
// installation that does not pass is a failure; else conclude judges it.
func (f *flow) carryOut(ctx context.Context, s *session, deploy deployment) error {
	if err := f.apply(ctx, s, deploy); err != nil {
		return err
	}
	if err := f.settle(ctx, s); err != nil {
		return err
	}
	f.lacks = incomplete("report", s)
	if err := f.stage(s.snap, rule.Verify, "Verify", writer.Checklist); err != nil {
		return err
	}
	if wrong := f.ofInstallation(f.parts[len(f.parts)-1], s.snap); f.atomic && len(wrong) > 0 {
		return &exitError{exitFindings, fmt.Errorf("verify found what is wrong: %s", strings.Join(wrong, ", "))}
	}
	return nil
}

// ofInstallation names what --fail-on weighs about objects of the installation,
// and about the probes: an old fault elsewhere in the mesh is no reason to put a good
// installation back.
func (f *flow) ofInstallation(rep *report.Report, snap *snapshot.Snapshot) []string {
	own := map[string]bool{}
	for _, m := range snap.Rendered {
		own[snapshot.KeyOf(m.Object).String()] = true
	}
	level := f.out.level()
	var out []string
	for _, f := range rep.Findings {
		mine := own[f.At.Object] || f.Rule == "POST005" || f.Rule == "POST006"
		if label := f.Rule + " " + f.Name; f.Severity >= level && mine && !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

// stage runs the rules of a stage, prints them, and stops where something is
// wrong unless forced: errors always, and whatever --fail-on and --strict say.
// Verify, the last stage, leaves the decision to the end.
func (f *flow) stage(snap *snapshot.Snapshot, stage rule.Stage, title string, print textPrinter) error {
	f.begins(stage)
	judge := f.out.gate
	if stage == rule.Verify {
		judge = f.out.judge
	}
	rep, err := judge(snap, stage)
	if err != nil {
		return err
	}
	f.parts = append(f.parts, rep)
	if f.text() {
		if err := f.print(rep, title, print); err != nil {
			return err
		}
	}
	if stage == rule.Verify || rep.Summary.Error == 0 && !f.out.failed(rep) {
		return nil
	}
	if f.force {
		fmt.Fprintf(f.streams.err, "--force overrides: %s\n", strings.Join(errorRules(rep), ", "))
		return nil
	}
	return &exitError{exitFindings, fmt.Errorf("stopped after %s, nothing was applied; --force goes on all the same", strings.ToLower(title))}
}

func (f *flow) print(rep *report.Report, title string, print textPrinter) error {
	if f.out.quiet {
		print = writer.Text
	} else {
		fmt.Fprintf(f.streams.out, "== %s\n", title)
	}
	options := f.out.text(f.streams.out, false)
	if f.brief() {
		options.Brief, options.Least = true, max(options.Least, min(finding.Warning, f.out.level()))
	}
	return print(f.streams.out, f.out.secrets().Report(rep), options)
}

func (f *flow) planOptions() writer.PlanOptions {
	return writer.PlanOptions{Brief: f.brief(), Taken: f.takeOwnership}
}

// brief says whether only what matters is printed: an installation makes a
// hundred checks, and creates fifty objects. A rehearsal is all about them.
func (f *flow) brief() bool { return f.command == "install" && !f.out.verbose && !f.out.quiet }

func errorRules(rep *report.Report) []string {
	var out []string
	for _, f := range rep.Findings {
		if label := f.Rule + " " + f.Name; f.Severity == finding.Error && !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

// propose plans, shows and asks.
func (f *flow) propose(ctx context.Context, s *session, deploy deployment) error {
	p, err := s.plan(ctx, deploy)
	if err != nil {
		return err
	}
	f.plan = p
	if f.text() && !f.out.quiet {
		fmt.Fprintln(f.streams.out, "== Plan")
		if err := f.out.printPlan(f.streams.out, f.streams.out, p, destination{textFormat, ""}, f.planOptions()); err != nil {
			return err
		}
	}
	if lacks := incomplete("precheck or the plan", s); lacks != nil {
		fmt.Fprintf(f.streams.err, "meshctl: %s\n", writer.Clean(f.out.hide(lacks).Error()))
	}
	if err := f.unowned(p); err != nil {
		return err
	}
	if p.Empty() {
		f.say("nothing to apply")
		return nil
	}
	return f.confirm(ctx, s)
}

// apply carries the plan out.
func (f *flow) apply(ctx context.Context, s *session, deploy deployment) error {
	f.wrote = f.wrote || !f.plan.Empty()
	err := f.recorded(ctx, s, f.plan, func() error {
		return deploy.apply(ctx, s, f.plan, install.Options{
			Timeout: f.timeout, Poll: 300 * time.Millisecond, TakeOwnership: f.takeOwnership, Journal: f.journal, Emit: f.narrate,
		})
	})
	if err != nil {
		return applyFailure(err)
	}
	return nil
}

// unowned stops a plan that takes fields from other managers without being
// told to, also where --force went past the check for it.
func (f *flow) unowned(p *install.Plan) error {
	for _, s := range p.Steps {
		if len(s.Conflicts) > 0 && !f.takeOwnership {
			return &exitError{exitFindings, fmt.Errorf("fields of %s belong to %s; nothing was applied; --take-ownership takes them over", s.Key, s.Conflicts[0].Manager)}
		}
	}
	return nil
}

// settle reads the cluster for verify, after a while as long as something is
// still getting ready: an autoscaler asks for more pods only after the first
// ones run. The rest is read when all is ready, or the picture would hold what
// was not ready yet beside what is.
func (f *flow) settle(ctx context.Context, s *session) error {
	limit := time.Now().Add(min(f.timeout, 30*time.Second))
	for {
		if err := s.readAnew(ctx, []snapshot.Part{snapshot.Live}); err != nil {
			return err
		}
		if settled(s.snap) || time.Now().After(limit) {
			return s.readAnew(ctx, engine.Parts(rules.All(), engine.Options{Stage: rule.Verify}))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// readAnew reads parts as they are by now.
func (s *session) readAnew(ctx context.Context, parts []snapshot.Part) error {
	s.snap.Forget(cluster.Volatile(parts))
	s.client.StartOver()
	return cluster.Read(ctx, s.client, s.snap, parts)
}

func settled(snap *snapshot.Snapshot) bool {
	for _, o := range snap.Live {
		if o.Object != nil && !o.Ready {
			return false
		}
	}
	return true
}

// applyFailure decides the exit code: a cluster that does not get ready, or
// an API server that refuses, is a result; anything else a failure.
func applyFailure(err error) error {
	var pending *install.NotReady
	var refused *install.Refused
	if errors.As(err, &pending) || errors.As(err, &refused) {
		return &exitError{exitFindings, err}
	}
	return err
}

// confirm asks before anything is written. The plan has to be on the screen
// by then, so it goes to standard error where it was not printed.
func (f *flow) confirm(ctx context.Context, s *session) error {
	if f.yes {
		return nil
	}
	if !f.text() || f.out.quiet {
		if err := f.out.printPlan(f.streams.err, f.streams.err, f.plan, destination{textFormat, ""}, f.planOptions()); err != nil {
			return err
		}
	}
	where := cmp.Or(s.snap.Target.Context, s.client.Host())
	ok, err := ask(ctx, f.streams, fmt.Sprintf("Apply this to %s?", writer.Clean(where)))
	if err != nil || ok {
		return err
	}
	return &exitError{exitFindings, errors.New("cancelled, nothing was applied")}
}

// text says whether the stages are printed as they finish.
func (f *flow) text() bool { return f.out.stdout() == textFormat }

// conclude prints the joined report in every format that was not printed as
// the stages went, and keeps the error that ended the run.
func (f *flow) conclude(snap *snapshot.Snapshot, ended error) error {
	if ended != nil {
		ended = f.out.hide(ended)
	}
	rep := report.Join(f.command, f.parts...)
	if f.plan != nil {
		rep.Plan = counts(f.plan)
	}
	failure := ended
	if ended == nil && f.lacks != nil {
		failure = f.out.hide(f.lacks)
	}
	if failure != nil {
		rep.Failure = failure.Error()
	}
	rest := f.out
	rest.outputs = slices.DeleteFunc(slices.Clone(f.out.outputs), func(o string) bool { return parseDestination(o) == destination{textFormat, ""} })
	result := rest.finish(f.streams, rep, writer.Checklist)
	if ended != nil {
		return ended
	}
	if result == nil && failure == nil && f.command == "install" && f.text() && !f.out.quiet && f.parts[len(f.parts)-1].Summary.Error == 0 {
		return f.closing(snap)
	}
	return lacking(result, failure)
}
