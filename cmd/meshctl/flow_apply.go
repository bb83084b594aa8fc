package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/writer"
)

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
// was not ready yet beside what is; and once more if that came in between.
func (f *flow) settle(ctx context.Context, s *session) error {
	all := engine.Parts(rules.All(), engine.Options{Stage: rule.Verify})
	limit := time.Now().Add(min(f.timeout, 30*time.Second))
	for {
		if err := s.readAnew(ctx, []snapshot.Part{snapshot.Live}); err != nil {
			return err
		}
		late := time.Now().After(limit)
		if late || settled(s.snap) {
			if err := s.readAnew(ctx, all); err != nil || late || settled(s.snap) {
				return err
			}
		}
		if !kube.Pause(ctx, time.Second) {
			return ctx.Err()
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
