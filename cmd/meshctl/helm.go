package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// byHelm installs the values of charts as Helm releases.
type byHelm struct {
	planned *helm.Plan
	begun   bool
}

func (*byHelm) accepts(_ string, snap *snapshot.Snapshot) error {
	_, err := helm.Wanted(snap.Configs)
	return unfit(err)
}

// unfit is a mistake in the command line.
func unfit(err error) error {
	var wrong *helm.Unfit
	if errors.As(err, &wrong) {
		return usagef("%s", wrong)
	}
	return err
}

// needs nothing: Helm compares with its own records, not with what was
// rendered for the rules.
func (*byHelm) needs() []snapshot.Part { return nil }

func (h *byHelm) plan(ctx context.Context, s *session) (*install.Plan, error) {
	wanted, err := helm.Wanted(s.snap.Configs)
	if err != nil {
		return nil, unfit(err)
	}
	h.planned, err = helm.New(s.client).Prepare(ctx, wanted, s.snap.Target.Kubernetes)
	var busy *helm.Busy
	var refused *helm.NotRenderable
	if errors.As(err, &busy) || errors.As(err, &refused) {
		return nil, &exitError{exitFindings, err}
	}
	if err != nil {
		return nil, err
	}
	return h.planned.Flat(), nil
}

func (h *byHelm) apply(ctx context.Context, s *session, _ *install.Plan, o install.Options) error {
	h.begun = true
	return helm.New(s.client).Apply(ctx, h.planned, o)
}

func (h *byHelm) touched(ctx context.Context, s *session) (bool, error) {
	if !h.begun {
		return false, nil
	}
	return helm.New(s.client).Touched(ctx, h.planned)
}

func (h *byHelm) undo(ctx context.Context, s *session, emit func(install.Event)) error {
	if !h.begun {
		return nil
	}
	return helm.New(s.client).Undo(ctx, h.planned, emit)
}

// remind says where --set and --profile alone, which are about an IstioOperator,
// meet an Istio that Helm installed. Who may not read Helm's records
// is told nothing.
func (s *session) remind(ctx context.Context, to streams, cfg *configFlags, flags *kube.Flags) {
	if len(cfg.files) > 0 || cfg.chart != "" || !cfg.given() {
		return
	}
	found, err := helm.New(s.client).Releases(ctx, flags.Namespace())
	i := slices.IndexFunc(found, func(r helm.Installed) bool { return r.Config.Chart == "istiod" })
	if err != nil || i < 0 {
		return
	}
	text := fmt.Sprintf("this is about an IstioOperator, and Helm installed Istio here: release %s; -f takes its values, which `helm get values %s -n %s -o yaml` prints", found[i].Release, found[i].Name, found[i].Namespace)
	fmt.Fprintln(to.err, writer.Clean(text))
}

// nameReleases finds the releases that the values of charts belong to, where
// they were installed under other names than the usual ones. Who may not read
// Helm's records goes by the usual names.
func (s *session) nameReleases(ctx context.Context) error {
	var found []helm.Installed
	for i, c := range s.snap.Configs {
		if c.IsOperator() || c.Wrapper != nil || c.ReleaseName != "" {
			continue
		}
		if i == 0 || c.Namespace() != s.snap.Configs[i-1].Namespace() {
			var err error
			if found, err = helm.New(s.client).Releases(ctx, c.Namespace()); err != nil && !kube.Forbidden(err) {
				return err
			}
		}
		c.ReleaseName = helm.NameOf(c, found)
	}
	return nil
}
