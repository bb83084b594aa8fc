package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// atOnce is how many clusters are read and held at a time.
const atOnce = 4

// fleet is a look at several clusters: each by itself, then beside one another.
type fleet struct {
	*analyzing
	istio    facts.Minor
	contexts []kube.Context
	given    *snapshot.Snapshot

	// judging keeps to one cluster at a time what uses all processors anyway.
	judging sync.Mutex
	about   []*snapshot.Snapshot // what is masked in the report
}

// member is one cluster and what became of it.
type member struct {
	name string
	// before and after are what rules about several clusters see: nil where it
	// could not be read, and the same where no files are laid over it.
	before, after *snapshot.Snapshot
	rep           *report.Report
}

// severalContexts are those that --context names, if they are more than one.
// Another one than the current that a pattern is for replaces the flags.
func (a *analyzing) severalContexts() ([]kube.Context, error) {
	contexts, err := a.flags.Several()
	var none *kube.NoContext
	switch {
	case errors.As(err, &none):
		return nil, &exitError{exitUsage, err}
	case err != nil || len(contexts) == 0:
		return nil, err
	case len(contexts) == 1:
		a.flags = a.flags.In(contexts[0].Name)
		return nil, nil
	}
	if flag := a.flags.Elsewhere(); flag != "" {
		return nil, usagef("%s leads to one cluster, and --context names %d; leave one of them out", flag, len(contexts))
	}
	return contexts, nil
}

// run judges the clusters and makes one report.
func (f *fleet) run(ctx context.Context) (*report.Report, error) {
	notes := f.readOnce()
	if len(f.contexts) == 1 {
		f.flags = f.flags.In(f.contexts[0].Name)
		rep, err := f.cluster(ctx, f.istio, f.given)
		if err == nil {
			rep.Notes = append(rep.Notes, notes...)
		}
		return rep, err
	}
	members := make([]*member, len(f.contexts))
	var workers errgroup.Group
	workers.SetLimit(atOnce)
	for i, c := range f.contexts {
		members[i] = &member{name: c.Name}
		workers.Go(func() error { return f.look(ctx, members[i]) })
	}
	if err := workers.Wait(); err != nil {
		return nil, err
	}
	together, err := f.together(ctx, members)
	if err != nil {
		return nil, err
	}
	together.Notes = append(notes, together.Notes...)
	var parts []report.Named
	for _, m := range members {
		parts = append(parts, report.Named{Name: m.name, Report: m.rep})
	}
	f.out.about = f.about
	return report.Fleet(string(rule.Analyze), parts, together), nil
}

// readOnce leaves out contexts of an API server that another context is for,
// and says so.
func (f *fleet) readOnce() (notes []string) {
	seen := map[string]string{}
	f.contexts = slices.DeleteFunc(slices.Clone(f.contexts), func(c kube.Context) bool {
		if first := seen[c.Server]; first != "" && c.Server != "" {
			notes = append(notes, fmt.Sprintf("%s is the same cluster as %s and was not looked at again", c.Name, first))
			return true
		}
		seen[c.Server] = c.Name
		return false
	})
	return notes
}

// look reads and judges one cluster. That it cannot be read stands in its
// report; the error is what ends the command.
func (f *fleet) look(ctx context.Context, m *member) error {
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	snap, unread := f.read(limited, f.flags.In(m.name), f.istio, rule.Analyze, rule.Fleet)
	if ctx.Err() != nil {
		return fmt.Errorf("analyzing: %w", ctx.Err())
	}
	f.judging.Lock()
	defer f.judging.Unlock()
	if unread != nil {
		m.rep = report.New(string(rule.Analyze), nil, nil)
		m.rep.Failure = f.out.hide(nextStep(unread)).Error()
		return nil
	}
	snap.Cluster = m.name
	return f.examineOne(ctx, m, snap)
}

// examineOne judges one cluster, and keeps of it what others are compared with.
func (f *fleet) examineOne(ctx context.Context, m *member, snap *snapshot.Snapshot) (err error) {
	if m.rep, err = f.judge(ctx, rule.Analyze, snap); err != nil {
		return err
	}
	keep := engine.Parts(rules.All(), engine.Options{Stage: rule.Fleet})
	m.before = snap.Only(keep)
	m.after = m.before
	if f.given != nil {
		over := f.given.Clone()
		over.Overlay(snap)
		changed, err := f.judge(ctx, rule.Analyze, over)
		if err != nil {
			return err
		}
		m.after, m.rep = over.Only(keep), report.Change(m.rep, changed)
		snap = over
	}
	f.about = append(f.about, &snapshot.Snapshot{Documents: snap.Documents, Configs: snap.Configs})
	return nil
}

// together judges what the clusters are to one another; with files, what these
// change in that.
func (f *fleet) together(ctx context.Context, members []*member) (*report.Report, error) {
	before, err := f.judge(ctx, rule.Fleet, beside(members, func(m *member) *snapshot.Snapshot { return m.before }))
	if err != nil || f.given == nil {
		return before, err
	}
	changed := beside(members, func(m *member) *snapshot.Snapshot { return m.after })
	changed.Files = f.given.Files // by which a baseline names them
	after, err := f.judge(ctx, rule.Fleet, changed)
	if err != nil {
		return nil, err
	}
	return report.Change(before, after), nil
}

// beside is the picture of several clusters. What single ones lack they know
// themselves.
func beside(members []*member, of func(*member) *snapshot.Snapshot) *snapshot.Snapshot {
	out := &snapshot.Snapshot{}
	for _, m := range members {
		if m.before == nil {
			out.Unread = append(out.Unread, m.name)
			continue
		}
		out.Fleet, out.Now = append(out.Fleet, of(m)), of(m).Now
	}
	for _, part := range engine.Parts(rules.All(), engine.Options{Stage: rule.Fleet}) {
		out.Provide(part)
	}
	return out
}

// nextStep says what to do where the user is not known to a cluster.
func nextStep(err error) error {
	if kube.Forbidden(err) {
		return fmt.Errorf("%w; log in to it again, or leave it out of --context", err)
	}
	return err
}

// unfinished is the error of a report that lacks a cluster; nil for others.
func unfinished(rep *report.Report) error {
	if rep.Failure == "" {
		return nil
	}
	return errors.New(rep.Failure)
}
