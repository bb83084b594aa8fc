package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/installed"
	"github.com/meshctl/meshctl/pkg/writer"
)

// addOwner registers the flag that tells installations of one revision apart.
func (c *configFlags) addOwner(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.owner, "name", "", "without files: `NAME` of the IstioOperator that was installed, where several have the same revision")
	files := cmd.Flags().Lookup("filename")
	files.Usage = strings.Replace(files.Usage, "the default profile", "what is installed", 1)
}

// findInstalled connects and looks for what is installed, as far as the flags
// choose it.
func findInstalled(ctx context.Context, cfg *configFlags, flags *kube.Flags) (*session, []installed.Installation, error) {
	base, all, chosen, err := lookAround(ctx, cfg, flags)
	if err != nil {
		return nil, nil, err
	}
	if len(chosen) == 0 && len(all) > 0 {
		return nil, nil, usagef("no installation is %s; %s", cfg.choice(flags), writer.Clean(among(all)))
	}
	return base, chosen, nil
}

// lookAround connects and lists what is installed, and what of it the flags
// choose. Where a namespace holds nothing, all are those of the others.
func lookAround(ctx context.Context, cfg *configFlags, flags *kube.Flags) (base *session, all, chosen []installed.Installation, err error) {
	base, err = connect(ctx, flags, files.Elsewhere(nil, files.Options{Istio: facts.Embedded(), Platform: cfg.platform}))
	if err != nil {
		return nil, nil, nil, err
	}
	all, err = installed.Find(ctx, base.client, flags.Namespace())
	if err == nil && len(all) == 0 && flags.Namespace() != "" {
		if all, err = installed.Find(ctx, base.client, ""); kube.Forbidden(err) {
			err = nil // who may look into one namespace only has his answer
		}
		return base, all, nil, err
	}
	chosen = slices.DeleteFunc(slices.Clone(all), func(i installed.Installation) bool { return !cfg.chooses(i) })
	return base, all, chosen, err
}

// standing is the installation that plan, precheck and install are about where
// no file says it; nil where nothing like it is installed, so that the default
// profile is meant. To put that over an installation would revert it.
func standing(ctx context.Context, s streams, cfg *configFlags, quiet bool, flags *kube.Flags, command string) (*session, *installed.Installation, error) {
	base, all, found, err := lookAround(ctx, cfg, flags)
	switch {
	case kube.Forbidden(err) && command == string(rule.Precheck):
		fmt.Fprintf(s.err, "what is installed cannot be seen, so this is about the default profile: %s\n", writer.Clean(kube.Message(err)))
		return nil, nil, nil
	case kube.Forbidden(err):
		return nil, nil, fmt.Errorf("what is installed cannot be seen, -f says what should be: %w", err)
	case err != nil:
		return nil, nil, err
	}
	if len(found) == 0 && cfg.owner != "" {
		return nil, nil, usagef("no installation is %s; %s", cfg.choice(flags), writer.Clean(among(all)))
	}
	if len(found) == 0 {
		if len(all) > 0 && !quiet {
			fmt.Fprintf(s.err, "no installation is %s, so this is about the default profile; %s\n", cfg.choice(flags), writer.Clean(among(all)))
		}
		return base, nil, nil
	}
	if err := single(found); err != nil {
		return nil, nil, err
	}
	if err := usable(found[0], command); err != nil {
		return nil, nil, err
	}
	about(s, quiet, found[0])
	return base, &found[0], nil
}

// usable refuses what is not understood, and what istioctl installed where what
// it did not keep matters.
func usable(i installed.Installation, command string) error {
	if i.Unreadable != nil {
		return i.Unreadable
	}
	if i.Source != installed.Istioctl {
		return nil
	}
	if command == "install" {
		return &exitError{exitFindings, fmt.Errorf("%s was installed by istioctl, which does not keep all that it was given; name its file with -f, so that nothing of it is lost", i.Name())}
	}
	if ok, why := i.Embedded(); !ok {
		return &exitError{exitFindings, fmt.Errorf("%s; with -f, %s says what an upgrade would change", why, command)}
	}
	return nil
}

// among says which installations there are to choose from.
func among(all []installed.Installation) string {
	if len(all) == 0 {
		return "nothing is installed"
	}
	return "there are: " + installed.Names(all)
}

// unambiguous refuses two names for one installation.
func (c *configFlags) unambiguous() error {
	if c.given() && c.owner != "" {
		return usagef("--name chooses among what is installed; with -f, --set or --profile the file says the name")
	}
	return nil
}

func (c *configFlags) chooses(i installed.Installation) bool {
	return (c.revision == "" || cmp.Or(i.Owner.Revision, "default") == c.revision) && (c.owner == "" || cmp.Or(i.Owner.Name, "installed-state") == c.owner)
}

func (c *configFlags) choice(flags *kube.Flags) string {
	var out []string
	if n := flags.Namespace(); n != "" {
		out = append(out, "in namespace "+n)
	}
	if c.revision != "" {
		out = append(out, "of revision "+c.revision)
	}
	if c.owner != "" {
		out = append(out, "named "+c.owner)
	}
	return strings.Join(out, " and ")
}

// errNothing is the answer where no file says what should be there and the
// cluster does not either.
func errNothing(s *session) error {
	where := cmp.Or(s.snap.Target.Context, s.client.Host())
	return &exitError{exitFindings, fmt.Errorf("nothing is installed in %s that meshctl knows of; -f, --set or --profile name what should be", where)}
}

// single refuses to guess which of several installations is meant.
func single(all []installed.Installation) error {
	if len(all) < 2 {
		return nil
	}
	return usagef("several installations are there, choose one with --revision, --name or --namespace: %s", writer.Clean(installed.Names(all)))
}

// of is the session about an installation that was found. What was read of
// the cluster already stays, but for the answers that depend on what is
// rendered.
func (s *session) of(i installed.Installation, cfg *configFlags) *session {
	snap := files.Elsewhere(i.Configs, files.Options{Istio: facts.Embedded(), Platform: cmp.Or(cfg.platform, i.Platform)})
	snap.Target.Kubernetes, snap.Target.Context = s.snap.Target.Kubernetes, s.snap.Target.Context
	snap.Target.Platform = cmp.Or(snap.Target.Platform, s.snap.Target.Platform)
	snap.Take(s.snap, append(cluster.Lists(), snapshot.ServerVersion, snapshot.Platform))
	return &session{client: s.client, snap: snap}
}

// compare renders what is installed, so that it can be compared with the
// cluster. Charts of another release would tell nothing but differences.
func (s *session) compare(ctx context.Context, i installed.Installation) error {
	if ok, why := i.Embedded(); !ok {
		s.snap.Miss(snapshot.Rendered, why)
		return nil
	}
	return s.render(ctx)
}

// about says on standard error what a command without files looks at.
func about(s streams, quiet bool, i installed.Installation) {
	if quiet {
		return
	}
	text := fmt.Sprintf("looking at what is installed: %s", i)
	for _, d := range i.Doubts {
		text += "\n  " + d
	}
	fmt.Fprintln(s.err, writer.CleanLines(text))
}

// planning is the stage of a command that judges nothing.
const planning rule.Stage = "plan"

// subjects opens what a command is about: what the files say or, without any,
// what is installed. Where nothing is, plan and precheck ask for the default
// profile, as install does. Only verify looks at several installations.
func subjects(ctx context.Context, s streams, cfg *configFlags, out *outputFlags, flags *kube.Flags, stage rule.Stage) ([]*session, *report.Report, error) {
	if err := cfg.unambiguous(); err != nil {
		return nil, nil, err
	}
	if cfg.given() {
		return alone(open(ctx, s, cfg, out, flags, stage))
	}
	if stage != rule.Verify {
		base, i, err := standing(ctx, s, cfg, out.quiet, flags, string(stage))
		if err != nil {
			return nil, nil, err
		}
		if i == nil {
			return alone(open(ctx, s, cfg, out, flags, stage))
		}
		one := base.of(*i, cfg)
		return []*session{one}, nil, one.render(ctx)
	}
	base, found, err := findInstalled(ctx, cfg, flags)
	if kube.Forbidden(err) {
		return nil, nil, fmt.Errorf("no check could be made: what is installed cannot be seen, -f says what should be: %w", err)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, errNothing(base)
	}
	found, unread := installed.Readable(found)
	if len(found) == 0 {
		return nil, nil, unread
	}
	var sessions []*session
	for _, i := range found {
		about(s, out.quiet, i)
		one := base.of(i, cfg)
		one.asIs = true
		if err := one.compare(ctx, i); err != nil {
			return nil, nil, err
		}
		sessions = append(sessions, one)
	}
	sessions[0].unread = unread
	return sessions, nil, nil
}

func alone(one *session, broken *report.Report, err error) ([]*session, *report.Report, error) {
	return []*session{one}, broken, err
}
