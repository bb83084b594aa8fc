package main

import (
	"context"
	"slices"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
)

// deployment is how one kind of configuration gets into a cluster: objects by
// server-side apply, or charts as releases.
type deployment interface {
	// accepts says, before a cluster is asked, why the configuration cannot
	// be installed; nil if it can.
	accepts(command string, snap *snapshot.Snapshot) error
	// needs are the parts of the picture that the plan is made of.
	needs() []snapshot.Part
	// plan says what would change. It writes nothing.
	plan(ctx context.Context, s *session) (*install.Plan, error)
	// apply carries a plan out and waits.
	apply(ctx context.Context, s *session, p *install.Plan, o install.Options) error
	// touched says whether apply wrote anything beside what the journal knows.
	touched(ctx context.Context, s *session) (bool, error)
	// undo puts back what apply wrote, as far as the journal does not.
	undo(ctx context.Context, s *session, emit func(install.Event)) error
}

// deploymentOf chooses by what is to be installed.
func deploymentOf(snap *snapshot.Snapshot) deployment {
	if slices.ContainsFunc(snap.Configs, func(c *snapshot.Config) bool { return !c.IsOperator() }) {
		return &byHelm{}
	}
	return byOperator{}
}

// byOperator installs IstioOperator files as istioctl does.
type byOperator struct{}

func (byOperator) accepts(string, *snapshot.Snapshot) error { return nil }

func (byOperator) needs() []snapshot.Part {
	return []snapshot.Part{snapshot.DryRuns, snapshot.Leftovers}
}

func (byOperator) plan(_ context.Context, s *session) (*install.Plan, error) {
	return install.Prepare(s.snap)
}

func (byOperator) apply(ctx context.Context, s *session, p *install.Plan, o install.Options) error {
	return install.Apply(ctx, s.client, p, o)
}

func (byOperator) touched(context.Context, *session) (bool, error) { return false, nil }

func (byOperator) undo(context.Context, *session, func(install.Event)) error { return nil }

// readFor reads what the plan and the rules of precheck look at, each part
// once.
func (s *session) readFor(ctx context.Context, d deployment, precheck bool) error {
	parts := d.needs()
	if precheck {
		parts = append(parts, engine.Parts(rules.All(), engine.Options{Stage: rule.Precheck})...)
	}
	return cluster.Read(ctx, s.client, s.snap, parts)
}
