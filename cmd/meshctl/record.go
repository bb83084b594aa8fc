package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/record"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// recorded applies a plan and keeps in the cluster what is installed: before
// the first object, so that a run that is cut off is known, and at its end. A
// record that cannot be written is told and stops nothing.
func (f *flow) recorded(ctx context.Context, s *session, p *install.Plan, apply func() error) error {
	if !s.snap.Configs[0].IsOperator() {
		return apply() // Helm keeps its own records
	}
	r, err := s.newRecord(f.cfg.platform, time.Now())
	if err != nil {
		return err
	}
	before, err := record.Load(ctx, s.client, r.Owner)
	switch {
	case kube.Forbidden(err):
		f.unrecorded(err)
		return apply()
	case err != nil:
		return err
	case before != nil && before.Refused != nil:
		return fmt.Errorf("%w; or delete the Secret, if nothing of it is needed", before.Refused)
	}
	if err := f.begin(ctx, s, r, before, p); err != nil {
		return err
	}
	if err := apply(); err != nil {
		return err
	}
	r.State, r.Finished = record.Applied, time.Now().UTC().Truncate(time.Second)
	if before != nil && p.Empty() && r.Same(before.Record) {
		return nil
	}
	if err := f.save(ctx, s, r); err != nil || p.Empty() {
		return err
	}
	return f.supersede(ctx, s, r)
}

// supersede removes the record of an installation of another name that this
// one has taken over as a whole.
func (f *flow) supersede(ctx context.Context, s *session, r *record.Record) error {
	all, err := record.List(ctx, s.client, r.Owner.Namespace)
	if kube.Forbidden(err) {
		return nil // the installation itself needs no look at other records
	}
	if err != nil {
		return fmt.Errorf("looking for what was recorded: %w", err)
	}
	ours := map[snapshot.Key]bool{}
	for _, k := range r.Inventory {
		ours[k] = true
	}
	for _, other := range all {
		if other.Refused != nil || other.Owner == r.Owner || other.Owner.Revision != r.Owner.Revision || len(other.Inventory) == 0 ||
			slices.ContainsFunc(other.Inventory, func(k snapshot.Key) bool { return !ours[k] }) {
			continue
		}
		f.journal.Note(other.Secret, other.Secret, "")
		if err := record.Delete(ctx, s.client, other); kube.Forbidden(err) {
			continue
		} else if err != nil {
			return err
		}
		f.say("this is the installation %s from now on, no longer %s", r.Owner, other.Owner)
	}
	return nil
}

// begin records that an installation runs, unless there is nothing to apply.
// The namespace of a first one is not there yet: it is applied first.
func (f *flow) begin(ctx context.Context, s *session, r *record.Record, before *record.Stored, p *install.Plan) error {
	if p.Empty() {
		return nil
	}
	var last *record.Record
	var was *unstructured.Unstructured
	if before != nil {
		last, was = before.Record, before.Secret
	}
	f.journal.Note(record.Ref(r.Owner), was, kube.FieldManager)
	if err := install.EnsureNamespace(ctx, s.client, p, r.Owner.Namespace, f.journal); err != nil {
		return err
	}
	return f.save(ctx, s, r.Pending(last))
}

func (f *flow) save(ctx context.Context, s *session, r *record.Record) error {
	err := record.Save(ctx, s.client, r)
	if record.Unwritable(err) {
		f.unrecorded(err)
		return nil
	}
	return err
}

func (f *flow) unrecorded(err error) {
	fmt.Fprintf(f.streams.err, "meshctl: what is installed is not recorded, so verify, plan and uninstall will need the files: %s\n", writer.Clean(kube.Message(err)))
}

// newRecord says what the session installs.
func (s *session) newRecord(platform string, now time.Time) (*record.Record, error) {
	cfg := s.snap.Configs[0]
	text, err := cfg.Root.JSON()
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", cfg.Name(), err)
	}
	r := &record.Record{
		Version: record.Version, Owner: snapshot.OwnerOf(cfg), Started: now.UTC().Truncate(time.Second),
		Manager: kube.FieldManager, Meshctl: version(), Istio: facts.EmbeddedRelease, Platform: platform, Operator: json.RawMessage(text),
	}
	for _, m := range s.snap.Rendered {
		r.Inventory = append(r.Inventory, snapshot.KeyOf(m.Object))
	}
	return r, nil
}
