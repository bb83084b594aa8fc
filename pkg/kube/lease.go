package kube

import (
	"context"
	"fmt"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// A lease is renewed three times in its duration, so that one lost request
// gives it to nobody else.
const (
	leaseDuration = 15 * time.Second
	renewEvery    = leaseDuration / 3
	// forgotten is an age that no difference between clocks explains.
	forgotten = time.Hour
)

// Holder is who has a lease.
type Holder struct {
	Identity string
	Since    time.Time
}

// Held says that somebody else has the lease and uses it.
type Held struct{ Holder }

func (e *Held) Error() string {
	return fmt.Sprintf("another installation is running: %s, since %s; wait for its end", e.Identity, e.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// LeaseOptions say how to take a lease.
type LeaseOptions struct {
	Namespace, Name, Identity string
	// Gone says that a holder cannot be alive any more. nil knows of none.
	Gone func(identity string) bool
	// Waiting is told, once, who is waited for: a holder who may have died.
	Waiting func(Holder)
}

// Lease is one that this process holds and renews, until it is released.
type Lease struct {
	client clientset.LeaseInterface
	stop   context.CancelFunc
	ended  sync.WaitGroup
	mu     sync.Mutex
	held   *coordinationv1.Lease
}

// AcquireLease takes a lease, or that of a holder who does not renew it any
// more. Whether somebody does is seen by watching, because clocks differ; so
// taking one over takes up to 15 seconds. waited says that there was a holder.
// lost is called when the lease is, so that the work it stands for can end.
func (c *Client) AcquireLease(ctx context.Context, o LeaseOptions, lost func()) (lease *Lease, waited bool, err error) {
	l := &Lease{client: c.typed.CoordinationV1().Leases(o.Namespace)}
	first, seen, tries := time.Time{}, time.Time{}, 0
	for {
		have, err := l.client.Get(ctx, o.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			err = l.create(ctx, o)
		case err != nil:
			return nil, waited, c.Explain(err)
		case held(have, o.Identity): // the answer to a request before was lost
			l.held = have
		case free(have) || o.Gone != nil && o.Gone(*have.Spec.HolderIdentity) || !first.IsZero() && time.Since(first) > leaseDuration:
			waited = waited || !free(have)
			err = l.take(ctx, have, o.Identity)
		case first.IsZero():
			waited, first, seen = true, time.Now(), have.Spec.RenewTime.Time
			if o.Waiting != nil {
				o.Waiting(holder(have))
			}
		case !have.Spec.RenewTime.Time.Equal(seen):
			return nil, waited, &Held{holder(have)}
		}
		if err == nil && l.held != nil {
			l.keep(ctx, lost)
			return l, waited, nil
		}
		if err != nil && !apierrors.IsAlreadyExists(err) && !apierrors.IsConflict(err) {
			if tries++; tries == leaseTries || !Transient(err) {
				return nil, waited, c.Explain(err)
			}
		}
		if !Pause(ctx, 500*time.Millisecond) {
			return nil, waited, ctx.Err()
		}
	}
}

// WatchLease finds out, without taking it, whether somebody has a lease and
// renews it: that is *Held. waited says that there was a holder, who may have
// done something until just now.
func (c *Client) WatchLease(ctx context.Context, o LeaseOptions) (waited bool, err error) {
	var first, seen time.Time
	for {
		have, err := c.typed.CoordinationV1().Leases(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return waited, nil
		case err != nil:
			return waited, c.Explain(err)
		case free(have) || o.Gone != nil && o.Gone(*have.Spec.HolderIdentity) || waited && time.Since(first) > leaseDuration:
			return waited, nil
		case !waited:
			waited, first, seen = true, time.Now(), have.Spec.RenewTime.Time
			if o.Waiting != nil {
				o.Waiting(holder(have))
			}
		case !have.Spec.RenewTime.Time.Equal(seen):
			return true, &Held{holder(have)}
		}
		if !sleep(ctx, 500*time.Millisecond) {
			return waited, context.Cause(ctx)
		}
	}
}

// leaseTries is how often a request for the lease is sent while the API server
// cannot answer it.
const leaseTries = 5

func held(l *coordinationv1.Lease, identity string) bool {
	return l.Spec.HolderIdentity != nil && *l.Spec.HolderIdentity == identity
}

func holder(l *coordinationv1.Lease) Holder {
	return Holder{Identity: *l.Spec.HolderIdentity, Since: l.Spec.AcquireTime.Time}
}

// free says that nobody has the lease, or that it is not to be understood.
func free(l *coordinationv1.Lease) bool {
	s := l.Spec
	return s.HolderIdentity == nil || *s.HolderIdentity == "" || s.RenewTime == nil || s.AcquireTime == nil ||
		time.Since(s.RenewTime.Time) > forgotten
}

func (l *Lease) create(ctx context.Context, o LeaseOptions) (err error) {
	l.held, err = l.client.Create(ctx, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: o.Name, Labels: map[string]string{"app.kubernetes.io/managed-by": "meshctl"}},
		Spec:       leaseSpec(o.Identity),
	}, metav1.CreateOptions{FieldManager: "meshctl"})
	if err != nil {
		l.held = nil
	}
	return err
}

// take fails with a conflict where somebody else was faster.
func (l *Lease) take(ctx context.Context, have *coordinationv1.Lease, identity string) error {
	have.Spec = leaseSpec(identity)
	taken, err := l.client.Update(ctx, have, metav1.UpdateOptions{FieldManager: "meshctl"})
	if err == nil {
		l.held = taken
	}
	return err
}

func leaseSpec(identity string) coordinationv1.LeaseSpec {
	now, seconds := metav1.NowMicro(), int32(leaseDuration/time.Second)
	return coordinationv1.LeaseSpec{HolderIdentity: &identity, AcquireTime: &now, RenewTime: &now, LeaseDurationSeconds: &seconds}
}

// keep renews the lease until Release. It outlives the command's context,
// because putting things back needs it too.
func (l *Lease) keep(ctx context.Context, lost func()) {
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.ended.Go(func() {
		renewed := time.Now()
		for {
			if !Pause(ctx, renewEvery) {
				return
			}
			err := l.renew(ctx)
			switch {
			case err == nil:
				renewed = time.Now()
			case ctx.Err() != nil:
			case apierrors.IsConflict(err) && l.stillOurs(ctx):
				renewed = time.Now()
			case apierrors.IsConflict(err) || apierrors.IsNotFound(err) || time.Since(renewed) > leaseDuration:
				lost()
				return
			}
		}
	})
}

// stillOurs looks whether a conflict came of our own renewal, whose answer was
// lost.
func (l *Lease) stillOurs(ctx context.Context) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	live, err := l.client.Get(ctx, l.held.Name, metav1.GetOptions{})
	if err != nil || live.UID != l.held.UID || !held(live, *l.held.Spec.HolderIdentity) {
		return false
	}
	l.held = live
	return true
}

func (l *Lease) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	next, now := l.held.DeepCopy(), metav1.NowMicro()
	next.Spec.RenewTime = &now
	renewed, err := l.client.Update(ctx, next, metav1.UpdateOptions{FieldManager: "meshctl"})
	if err == nil {
		l.held = renewed
	}
	return err
}

// Release ends the lease and removes it, unless it is somebody else's by now.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	l.ended.Wait()
	uid, version := l.held.UID, l.held.ResourceVersion
	err := l.client.Delete(ctx, l.held.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
