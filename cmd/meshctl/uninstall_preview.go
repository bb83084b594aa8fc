package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/installed"
	"github.com/meshctl/meshctl/pkg/uninstall"
	"github.com/meshctl/meshctl/pkg/writer"
)

// preview shows what an uninstallation removes, what it leaves, and who would
// miss it.
func (u *uninstalling) preview(v victim) {
	line := func(format string, args ...any) {
		fmt.Fprintf(u.out, "%s\n", writer.Clean(fmt.Sprintf(format, args...)))
	}
	r := v.removal
	line("== Uninstall %s", v.Installation)
	for _, release := range v.Releases {
		line("  - release %s (chart %s %s)", release.Release, release.Config.Chart, release.Version)
	}
	for _, kind := range byKind(r.Objects) {
		line("  - %s", kind)
	}
	for _, g := range r.Gateways() {
		line("  ! %s is a gateway: what comes in through it is cut off", g)
	}
	for _, lost := range r.Lost {
		line("  ! with the CRDs go %s", lost)
	}
	for _, t := range r.Gone {
		line("  ! tag %s goes too: no control plane is left that it could stand for", t.Name)
	}
	for _, t := range r.Tags {
		line("  ! tag %s points to this revision and stays, with nothing behind it: meshctl tag set or remove it", t.Name)
	}
	for _, used := range r.Users {
		line("  ! in use: %s", used)
	}
	for _, left := range r.Left {
		line("  = %s stays: %s", left.Key, left.Why)
	}
	if r.CRDs > 0 {
		line("  = %d CRDs stay, with all mesh objects", r.CRDs)
		if u.crds {
			line("    --purge-crds does not apply: %s needs them", r.Others[0])
		}
	}
	if v.Source == installed.Helm {
		line("%s with %s to uninstall.", finding.Count(len(v.Releases), "release"), finding.Count(len(r.Objects), "object"))
		return
	}
	if r.Empty() && v.Record != nil {
		line("  - %s: of this installation nothing is left but the record", snapshot.KeyOf(v.Record.Secret))
	}
	line("%s to delete.", finding.Count(len(r.Objects), "object"))
}

// byKind lists the names of each kind, in the order of deletion.
func byKind(objects []uninstall.Object) []string {
	names := map[string][]string{}
	var kinds []string
	for _, o := range objects {
		if names[o.Key.Kind] == nil {
			kinds = append(kinds, o.Key.Kind)
		}
		_, name, _ := strings.Cut(o.Key.String(), "/")
		names[o.Key.Kind] = append(names[o.Key.Kind], name)
	}
	for i, kind := range kinds {
		list := names[kind]
		slices.Sort(list)
		kinds[i] = fmt.Sprintf("%s: %s", kind, strings.Join(list, ", "))
	}
	return kinds
}

// confirm asks before anything is deleted.
func (u *uninstalling) confirm(ctx context.Context, s *session, victims []victim) error {
	if u.yes || len(victims) == 0 {
		return nil // without objects there is still a record
	}
	ok, err := ask(ctx, u.streams, fmt.Sprintf("Delete this from %s?", writer.Clean(cmp.Or(s.snap.Target.Context, s.client.Host()))))
	if err != nil || ok {
		return err
	}
	return &exitError{exitFindings, errors.New("cancelled, nothing was removed")}
}
