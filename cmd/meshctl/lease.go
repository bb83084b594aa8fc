package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/writer"
)

// leaseName is the Lease in the control plane's namespace that one
// installation at a time holds.
const leaseName = "meshctl-install"

// errLeaseLost ends an installation whose lease somebody else took.
var errLeaseLost = errors.New("the lease of this installation was lost, so another one may be running; nothing more was written")

// alone does the work of an installation while it holds the lease. The
// namespace that the lease lives in is applied first, where it is not there.
func (f *flow) alone(ctx context.Context, s *session, deploy deployment, work func(context.Context) error) error {
	namespace := s.snap.Configs[0].Namespace()
	if f.plan.Empty() {
		if err := f.undisturbed(ctx, s, deploy, namespace); err != nil {
			return err
		}
	}
	if f.plan.Empty() {
		return work(ctx)
	}
	f.wrote = f.plan.Creates(namespace)
	if err := install.EnsureNamespace(ctx, s.client, f.plan, namespace, f.journal); err != nil {
		return f.undo(ctx, s, deploy, applyFailure(err))
	}
	begun := false
	err := holding(ctx, s.client, namespace, f.streams.err, f.say, func(ctx context.Context, waited bool) error {
		if waited {
			if err := f.planAgain(ctx, s, deploy); err != nil {
				return err
			}
		}
		begun = true
		return work(ctx)
	})
	if begun {
		return err
	}
	return f.undo(ctx, s, deploy, err)
}

// holding does work while it holds the lease of a namespace, and says whether
// it had to wait for another run that ended. Who may not have leases works
// without, and is told.
func holding(ctx context.Context, c *kube.Client, namespace string, warn io.Writer, say func(string, ...any), work func(ctx context.Context, waited bool) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lease, waited, err := c.AcquireLease(ctx, leaseOf(namespace, say), func() { cancel(errLeaseLost) })
	var held *kube.Held
	switch {
	case errors.As(err, &held):
		return &exitError{exitFindings, err}
	case kube.Forbidden(err):
		fmt.Fprintf(warn, "meshctl: another installation at the same time would not be noticed: %s\n", writer.Clean(kube.Message(err)))
		return work(ctx, false)
	case err != nil:
		return fmt.Errorf("taking the lease %s/%s: %w", namespace, leaseName, err)
	}
	defer release(ctx, lease, warn)
	err = work(ctx, waited)
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), errLeaseLost) {
		return errLeaseLost
	}
	return err
}

func leaseOf(namespace string, say func(string, ...any)) kube.LeaseOptions {
	return kube.LeaseOptions{
		Namespace: namespace, Name: leaseName, Identity: identity(), Gone: gone,
		Waiting: func(h kube.Holder) {
			say("waiting up to 15 s for the installation of %s, which may have been cut off", writer.Clean(h.Identity))
		},
	}
}

// undisturbed looks whether another installation runs, for one that has nothing
// to write: what it would wait for and verify may be different in a moment.
func (f *flow) undisturbed(ctx context.Context, s *session, deploy deployment, namespace string) error {
	waited, err := s.client.WatchLease(ctx, leaseOf(namespace, f.say))
	var held *kube.Held
	switch {
	case errors.As(err, &held):
		return &exitError{exitFindings, err}
	case kube.Forbidden(err):
		return nil // who may not see it may not install either
	case err != nil:
		return fmt.Errorf("reading the lease %s/%s: %w", namespace, leaseName, err)
	case waited:
		return f.planAgain(ctx, s, deploy)
	}
	return nil
}

func release(ctx context.Context, lease *kube.Lease, warn io.Writer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := lease.Release(ctx); err != nil {
		fmt.Fprintf(warn, "meshctl: the lease %s could not be removed; it ends by itself: %s\n", leaseName, writer.Clean(kube.Message(err)))
	}
}

// planAgain makes the plan anew after another installation ended. One that
// was agreed to must not change.
func (f *flow) planAgain(ctx context.Context, s *session, deploy deployment) error {
	s.snap.Forget(cluster.Volatile([]snapshot.Part{snapshot.DryRuns, snapshot.Leftovers}))
	if err := s.readFor(ctx, deploy, false); err != nil {
		return err
	}
	p, err := s.plan(ctx, deploy)
	if err != nil {
		return err
	}
	if !f.yes && !slices.EqualFunc(p.Steps, f.plan.Steps, alike) {
		return &exitError{exitFindings, errors.New("the plan changed because another installation ran meanwhile; start again")}
	}
	f.plan = p
	return f.unowned(p)
}

// alike says whether two steps do the same to the same object.
func alike(a, b install.Step) bool {
	return a.Key == b.Key && a.Action == b.Action && slices.Equal(a.Fields, b.Fields)
}

// identity names this process for those who find its lease. The part behind
// the # tells whether they could see the process.
func identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("meshctl on %s, process %d%s", host, os.Getpid(), machine())
}

// machine identifies the process table that process numbers refer to: that of
// a container, of one start of a machine; "" where that cannot be known.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	table, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return " #" + strings.TrimSpace(string(boot)) + "/" + table
}

// gone says that a holder was a process of this machine that is no more.
func gone(holder string) bool {
	here := machine()
	rest, same := strings.CutSuffix(holder, here)
	_, number, found := strings.Cut(rest, ", process ")
	pid, err := strconv.Atoi(number)
	if here == "" || !same || !found || err != nil {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
