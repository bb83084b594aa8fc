package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// question fills one part of the snapshot with what only a running API server
// can tell: answers, dry runs, probes. It may look at the parts named in after.
type question struct {
	part  snapshot.Part
	after []snapshot.Part
	ask   func(context.Context, *kube.Client, *snapshot.Snapshot) error
}

func questions() []question {
	return []question{
		{snapshot.Kinds, nil, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) (err error) {
			s.UnknownKinds, err = kinds(ctx, c, s.Rendered)
			return err
		}},
		{snapshot.DryRuns, nil, dryRuns},
		{snapshot.Leftovers, nil, leftovers},
		{snapshot.Access, []snapshot.Part{snapshot.DryRuns, snapshot.Leftovers}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) (err error) {
			s.Access, err = access(ctx, c, s)
			return err
		}},
		{snapshot.Autoscaler, nil, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error { return Autoscaler(ctx, c, s) }},
		{snapshot.PullSecrets, nil, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error { return PullSecrets(ctx, c, s) }},
		{snapshot.Unserved, []snapshot.Part{snapshot.CRDs}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error { return ReadUnserved(ctx, c, s) }},
		{snapshot.Clock, nil, skew},
		{snapshot.Live, nil, live},
		{snapshot.Existing, []snapshot.Part{snapshot.DryRuns}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
			return ReadExisting(ctx, tried{c, s.DryRuns}, s)
		}},
		{snapshot.Identities, []snapshot.Part{snapshot.ControlPlanes}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
			return ReadIdentity(ctx, c, s)
		}},
		{snapshot.Records, nil, records},
		{snapshot.Touched, []snapshot.Part{snapshot.Running}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
			return ReadTouched(ctx, c, s)
		}},
		{snapshot.Running, []snapshot.Part{snapshot.ControlPlanes}, running},
		{snapshot.Probes, []snapshot.Part{snapshot.Namespaces}, probe},
		{snapshot.RevisionProbes, []snapshot.Part{snapshot.Namespaces, snapshot.Webhooks}, probeRevisions},
		{snapshot.MeshInEffect, []snapshot.Part{snapshot.IstiodPods}, told(meshInEffect)},
		{snapshot.ProxyStates, []snapshot.Part{snapshot.IstiodPods}, told(proxyStates)},
		{snapshot.IstiodMetrics, []snapshot.Part{snapshot.IstiodPods}, told(istiodMetrics)},
		{snapshot.ServedCerts, []snapshot.Part{snapshot.IstiodPods}, func(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
			return servedCerts(ctx, c, s)
		}},
	}
}

// Read fills the parts of the picture that are wanted, and those that they
// rest on, as far as the snapshot does not have them. Reads are independent and
// run in parallel. What the API server refuses is a gap, with the reason; the
// error says that it did not answer.
func Read(ctx context.Context, c *kube.Client, s *snapshot.Snapshot, wanted []snapshot.Part) error {
	wanted = slices.DeleteFunc(withGrounds(wanted), func(p snapshot.Part) bool { ok, _ := s.Has(p); return ok })
	s.Now = time.Now() // certificates may be younger than the command
	r := &reader{snap: s, client: c, ended: map[snapshot.Part]error{}}
	for _, l := range lists() {
		if slices.Contains(wanted, l.part) {
			r.start(l.part, func() error { return l.read(ctx, c, s) })
		}
	}
	asked := slices.DeleteFunc(questions(), func(q question) bool { return !slices.Contains(wanted, q.part) })
	for _, q := range asked {
		if len(q.after) == 0 {
			r.start(q.part, func() error { return q.ask(ctx, c, s) })
		}
	}
	r.wait()
	asked = slices.DeleteFunc(asked, func(q question) bool { return len(q.after) == 0 })
	for len(asked) > 0 && r.broken == nil {
		var later []question
		for _, q := range asked {
			if slices.ContainsFunc(asked, func(first question) bool { return slices.Contains(q.after, first.part) }) {
				later = append(later, q)
				continue
			}
			r.start(q.part, func() error { return q.ask(ctx, c, s) })
		}
		r.wait()
		asked = later
	}
	return r.broken
}

// ReadObjects fills every part that is a list of objects.
func ReadObjects(ctx context.Context, from Reader, s *snapshot.Snapshot) error {
	for _, l := range lists() {
		if err := l.read(ctx, from, s); err != nil {
			return err
		}
		s.Provide(l.part)
	}
	return nil
}

// ReadIstiods fills every part that running istiods tell.
func ReadIstiods(ctx context.Context, from interface {
	Teller
	Presenter
}, s *snapshot.Snapshot) error {
	if err := servedCerts(ctx, from, s); err != nil {
		return err
	}
	s.Provide(snapshot.ServedCerts)
	for part, ask := range map[snapshot.Part]func(context.Context, Teller, *snapshot.Snapshot) error{
		snapshot.MeshInEffect: meshInEffect, snapshot.ProxyStates: proxyStates, snapshot.IstiodMetrics: istiodMetrics,
	} {
		err := ask(ctx, from, s)
		var missing gap
		switch {
		case err == nil:
			s.Provide(part)
		case errors.As(err, &missing):
			s.Miss(part, string(missing))
		default:
			return err
		}
	}
	return nil
}

// Volatile picks the parts that Read fills, which may have changed meanwhile.
func Volatile(parts []snapshot.Part) []snapshot.Part {
	return slices.DeleteFunc(withGrounds(parts), func(p snapshot.Part) bool {
		return !slices.ContainsFunc(lists(), func(l list) bool { return l.part == p }) &&
			!slices.ContainsFunc(questions(), func(q question) bool { return q.part == p })
	})
}

func withGrounds(wanted []snapshot.Part) []snapshot.Part {
	out := slices.Clone(wanted)
	for i := 0; i < len(out); i++ { // what is appended has grounds too
		for _, q := range questions() {
			if q.part == out[i] {
				out = append(out, q.after...)
			}
		}
	}
	return out
}

// reader runs reads at the same time and keeps what became of each until all
// have ended: reads look at the parts that are there.
type reader struct {
	client *kube.Client
	snap   *snapshot.Snapshot
	wg     sync.WaitGroup
	mu     sync.Mutex // guards ended
	ended  map[snapshot.Part]error
	broken error
}

func (r *reader) start(part snapshot.Part, read func() error) {
	r.wg.Go(func() {
		err := read()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended[part] = err
	})
}

// wait ends what was started and records it in the snapshot.
func (r *reader) wait() {
	r.wg.Wait()
	for part, err := range r.ended {
		var missing gap
		switch {
		case err == nil:
			r.snap.Provide(part)
		case errors.As(err, &missing):
			r.snap.Miss(part, string(part)+": "+string(missing))
		default:
			r.snap.Miss(part, string(part)+": "+reason(err))
			if kube.Broken(err) {
				r.broken = r.client.Explain(err)
			}
		}
	}
	clear(r.ended)
}

// gap is the error of a read that learned nothing for a reason of its own,
// though the API server answered.
type gap string

func (g gap) Error() string { return string(g) }

// reason is an error in the words of the API server, on one line.
func reason(err error) string {
	text := strings.Join(strings.Fields(kube.Message(err)), " ")
	if kube.Forbidden(err) {
		return "forbidden: " + strings.TrimPrefix(text, "forbidden: ")
	}
	return text
}
