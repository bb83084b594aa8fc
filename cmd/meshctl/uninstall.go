package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/record"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/installed"
	"github.com/meshctl/meshctl/pkg/uninstall"
	"github.com/meshctl/meshctl/pkg/writer"
)

// uninstalling is one run of the command.
type uninstalling struct {
	streams
	cfg   configFlags
	flags *kube.Flags
	all   bool
	crds  bool
	dry   bool
	yes   bool
	force bool
	quiet bool
	// timeout bounds the waiting until what was deleted is gone.
	timeout time.Duration
	start   time.Time
}

func newUninstall(s streams) *cobra.Command {
	u := &uninstalling{streams: s, flags: kube.NewFlags()}
	cmd := &cobra.Command{
		Use:   "uninstall [--revision REVISION] [-f FILE]...",
		Short: "Remove an installation, and nothing else",
		Long: `uninstall removes what install recorded, or what the labels of istioctl say. It
shows what goes and what stays, asks, deletes in the reverse order of the
installation and waits until everything is gone.

It refuses while namespaces, proxies or Gateways use the revision; --force
removes it all the same. Other revisions, what they share with this one, and
objects that changed hands stay. So do the namespace and the CRDs: with those
would go every mesh object of yours. --purge-crds removes them too.`,
		Example: `  meshctl uninstall
  meshctl uninstall --dry-run
  meshctl uninstall --revision canary
  meshctl uninstall --all --purge-crds`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return u.run(cmd.Context()) },
	}
	u.cfg.add(cmd)
	u.cfg.addOwner(cmd)
	u.flags.AddFlags(cmd.Flags())
	f := cmd.Flags()
	f.BoolVar(&u.all, "all", false, "remove every installation that is there")
	f.BoolVar(&u.crds, "purge-crds", false, "remove the CRDs too, and with them every mesh object in the cluster")
	f.BoolVar(&u.dry, "dry-run", false, "show what would be removed, and remove nothing")
	f.BoolVarP(&u.yes, "yes", "y", false, "do not ask before deleting")
	f.BoolVar(&u.force, "force", false, "remove a revision that is in use")
	f.BoolVarP(&u.quiet, "quiet", "q", false, "print no progress")
	f.DurationVar(&u.timeout, "timeout", time.Minute, "wait at most this `DURATION` until everything is gone")
	return cmd
}

// victim is one installation with what its removal means.
type victim struct {
	installed.Installation
	removal *uninstall.Removal
}

func (u *uninstalling) run(ctx context.Context) error {
	u.start = time.Now()
	session, found, err := u.find(ctx)
	if err != nil {
		return err
	}
	if _, unread := installed.Readable(found); unread != nil {
		return fmt.Errorf("nothing was removed: %w", unread)
	}
	victims, err := u.prepare(ctx, session, found)
	if err != nil {
		return err
	}
	used := false
	for _, v := range victims {
		u.preview(v)
		used = used || len(v.removal.Users) > 0
	}
	switch {
	case used && !u.force:
		return &exitError{exitFindings, errors.New("the revision is in use, nothing was removed; move its users to another one (meshctl tag set, or their labels and a restart), or use --force")}
	case u.dry:
		return nil
	}
	if err := u.confirm(ctx, session, victims); err != nil {
		return err
	}
	for _, v := range victims {
		err := holding(ctx, session.client, v.Owner.Namespace, u.err, u.say, func(ctx context.Context, _ bool) error {
			return u.remove(ctx, session, v) // what was shown, whatever else another run left
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// find looks up what the flags mean: the owner that a file names, or what is
// installed.
func (u *uninstalling) find(ctx context.Context) (*session, []installed.Installation, error) {
	if u.cfg.given() {
		return u.named(ctx)
	}
	session, found, err := findInstalled(ctx, &u.cfg, u.flags)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, errNothing(session)
	}
	if !u.all {
		if err := single(found); err != nil {
			return nil, nil, fmt.Errorf("%w; or --all", err)
		}
	}
	return session, found, nil
}

// named is the installation that a file describes.
func (u *uninstalling) named(ctx context.Context) (*session, []installed.Installation, error) {
	if u.all || u.cfg.owner != "" {
		return nil, nil, usagef("-f names one installation; leave out --all and --name")
	}
	snap, err := u.cfg.load(ctx, u.streams)
	if err != nil {
		return nil, nil, err
	}
	if len(snap.Configs) != 1 || !snap.Configs[0].IsOperator() {
		return nil, nil, usagef("uninstall -f takes one IstioOperator")
	}
	who := snapshot.OwnerOf(snap.Configs[0])
	session, err := connect(ctx, u.flags, snap)
	if err != nil {
		return nil, nil, err
	}
	all, err := installed.Find(ctx, session.client, "")
	if err != nil {
		return nil, nil, err
	}
	for _, i := range all {
		if i.Owner == who {
			return session, []installed.Installation{i}, nil
		}
	}
	return nil, nil, &exitError{exitFindings, fmt.Errorf("%s is not installed; %s", who, writer.Clean(among(all)))}
}

func (u *uninstalling) prepare(ctx context.Context, s *session, found []installed.Installation) ([]victim, error) {
	var owners []snapshot.Owner
	for _, i := range found {
		owners = append(owners, i.Owner)
	}
	var out []victim
	for _, i := range found {
		if i.Source == installed.Helm {
			v, err := u.prepareReleases(ctx, s, i)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
			continue
		}
		what := uninstall.Installation{Owner: i.Owner, Along: owners, PurgeCRDs: u.crds}
		if i.Record != nil {
			what.Inventory = i.Record.Inventory
		}
		r, err := uninstall.Prepare(ctx, s.client, what)
		if err != nil {
			return nil, fmt.Errorf("uninstalling %s: %w", i.Owner, err)
		}
		out = append(out, victim{i, r})
	}
	once(out)
	return out, nil
}

// once leaves what several installations share to the last of those that go: an
// earlier one neither counts nor deletes it, nor says that it stays.
func once(all []victim) {
	objects, releases := map[snapshot.Key]bool{}, map[string]bool{}
	for i, v := range slices.Backward(all) {
		r := v.removal
		r.Objects = slices.DeleteFunc(r.Objects, func(o uninstall.Object) bool { return objects[o.Key] })
		all[i].Releases = slices.DeleteFunc(slices.Clone(v.Releases), func(h helm.Installed) bool { return releases[h.String()] })
		for _, o := range r.Objects {
			objects[o.Key] = true
		}
		for _, h := range all[i].Releases {
			releases[h.String()] = true
		}
	}
	for _, v := range all {
		v.removal.Left = slices.DeleteFunc(v.removal.Left, func(l uninstall.Left) bool { return objects[l.Key] })
	}
}

// remove carries one removal out. The record says before that it has begun,
// and goes last.
func (u *uninstalling) remove(ctx context.Context, s *session, v victim) error {
	if v.Source == installed.Helm {
		return u.removeReleases(ctx, s, v)
	}
	if v.Record != nil && !v.removal.Empty() {
		begun := *v.Record.Record
		begun.State = record.Removing
		if err := record.Save(ctx, s.client, &begun); err != nil && !record.Unwritable(err) {
			return err
		}
	}
	said := snapshot.Key{}
	err := uninstall.Remove(ctx, s.client, v.removal, uninstall.Options{
		Timeout: u.timeout, Poll: 300 * time.Millisecond,
		Deleted: func(k snapshot.Key) { u.say("deleted %s", writer.Clean(k.String())) },
		Waiting: func(k snapshot.Key) {
			if k != said {
				u.say("waiting until %s is gone", writer.Clean(k.String()))
			}
			said = k
		},
	})
	if err != nil {
		return removalFailure(err)
	}
	if v.Record != nil {
		if err := record.Delete(ctx, s.client, *v.Record); err != nil {
			return err
		}
	}
	fmt.Fprintf(u.out, "removed %s: %s; the namespace %s stays\n", v.Owner, finding.Count(len(v.removal.Objects), "object"), v.Owner.Namespace)
	return nil
}

// removalFailure decides the exit code: what does not go is a result.
func removalFailure(err error) error {
	var stuck *uninstall.Stuck
	if errors.As(err, &stuck) {
		return &exitError{exitFindings, err}
	}
	return err
}

func (u *uninstalling) say(format string, args ...any) {
	if !u.quiet {
		fmt.Fprintf(u.err, "%6.1fs  %s\n", time.Since(u.start).Seconds(), fmt.Sprintf(format, args...))
	}
}
