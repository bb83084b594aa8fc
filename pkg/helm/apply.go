package helm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"helm.sh/helm/v3/pkg/action"
	helmkube "helm.sh/helm/v3/pkg/kube"
	helmrelease "helm.sh/helm/v3/pkg/release"

	"github.com/meshctl/meshctl/pkg/install"
)

// maxHistory is how many revisions of a release are kept, Helm's default.
const maxHistory = 10

// Apply carries a plan out, release by release: each is waited for, so that
// one that fails never releases those that need it. As with Helm, a release
// that fails is marked so.
func (c *Client) Apply(ctx context.Context, p *Plan, o install.Options) error {
	if o.Emit == nil {
		o.Emit = func(install.Event) {}
	}
	changed := 0
	for _, r := range p.Releases {
		o.Emit(install.Event{Type: install.Applying, Component: "release " + r.Release.String()})
		err := c.deploy(ctx, r, o)
		c.kube.Refresh()
		if err == nil {
			o.Emit(install.Event{Type: install.Ready, Component: "release " + r.Release.String()})
			if r.Changes() {
				changed++
			}
			continue
		}
		o.Emit(install.Event{Type: install.Failed, Component: "release " + r.Release.String(), Message: err.Error()})
		if o.Journal != nil {
			return err // what was installed does not stay
		}
		return stopped(err, r, changed)
	}
	return nil
}

// stopped says what an installation that did not come to its end left behind.
func stopped(err error, at Planned, changed int) error {
	var early *notBegun
	if !at.Changes() || errors.As(err, &early) {
		return fmt.Errorf("%w\nreleases installed or upgraded so far, which stay: %d", err, changed)
	}
	return fmt.Errorf("%w\nreleases installed or upgraded so far, which stay: %d; %s is marked failed, and the next install or `helm upgrade` continues from it", err, changed, at.Release)
}

// notBegun says that Helm was not asked to do anything for a release.
type notBegun struct {
	release Release
	cause   error
}

func (e *notBegun) Error() string { return fmt.Sprintf("release %s: %v", e.release, e.cause) }

func (e *notBegun) Unwrap() error { return e.cause }

// deploy installs or upgrades one release and waits for its objects.
func (c *Client) deploy(ctx context.Context, p Planned, o install.Options) error {
	if err := ctx.Err(); err != nil {
		return &notBegun{p.Release, err}
	}
	if !p.Changes() {
		return c.await(ctx, p, o)
	}
	cfg, err := c.actions(p.Namespace)
	if err != nil {
		return &notBegun{p.Release, err}
	}
	if err := c.recover(cfg, p, o); err != nil {
		return &notBegun{p.Release, err}
	}
	kc, _ := cfg.KubeClient.(*helmkube.Client)
	cfg.KubeClient = &waiter{kc, func() error { return c.await(ctx, p, o) }}
	// Helm is left to finish what it has begun: an interruption ends the
	// waiting, and Helm then records the failure.
	work := context.WithoutCancel(ctx)
	if p.base == nil {
		err = c.install(work, cfg, p, o)
	} else {
		err = upgrade(work, cfg, p, o)
	}
	if err != nil {
		return fmt.Errorf("release %s: %w", p.Release, err)
	}
	return nil
}

func (c *Client) install(ctx context.Context, cfg *action.Configuration, p Planned, o install.Options) error {
	chart, err := bundled(p.Config.Chart)
	if err != nil {
		return err
	}
	vals, err := values(p.Config)
	if err != nil {
		return err
	}
	there, err := c.exists(ctx, p.Namespace)
	if err != nil {
		return err
	}
	in := action.NewInstall(cfg)
	in.ReleaseName, in.Namespace, in.CreateNamespace = p.Name, p.Namespace, !there
	in.Wait, in.Timeout, in.TakeOwnership, in.Labels = true, o.Timeout, o.TakeOwnership, p.labels()
	in.Replace = p.last != nil // what was uninstalled with its history kept
	_, err = in.RunWithContext(ctx, chart, vals)
	return err
}

func upgrade(ctx context.Context, cfg *action.Configuration, p Planned, o install.Options) error {
	chart, err := bundled(p.Config.Chart)
	if err != nil {
		return err
	}
	vals, err := values(p.Config)
	if err != nil {
		return err
	}
	up := action.NewUpgrade(cfg)
	up.Namespace, up.ResetValues, up.MaxHistory = p.Namespace, true, maxHistory
	up.Wait, up.Timeout, up.TakeOwnership, up.Labels = true, o.Timeout, o.TakeOwnership, p.labels()
	_, err = up.RunWithContext(ctx, p.Name, chart, vals)
	return err
}

// labels marks the coming revision as ours.
func (p Planned) labels() map[string]string {
	next := 1
	if p.last != nil {
		next = p.last.Version + 1
	}
	return map[string]string{revisionLabel: strconv.Itoa(next)}
}

// recover ends what a killed run of ours left pending, which Helm would refuse
// to go on from.
func (c *Client) recover(cfg *action.Configuration, p Planned, o install.Options) error {
	if p.last == nil || !pending(p.last) {
		return nil
	}
	o.Emit(install.Event{Type: install.Applying, Component: fmt.Sprintf("release %s again: its revision %d was interrupted (%s) and is marked failed", p.Release, p.last.Version, p.last.Info.Status)})
	p.last.SetStatus(helmrelease.StatusFailed, "interrupted")
	if err := cfg.Releases.Update(p.last); err != nil {
		return fmt.Errorf("marking revision %d of release %s as failed: %w", p.last.Version, p.Release, err)
	}
	return nil
}

// await waits for the objects of a release.
func (c *Client) await(ctx context.Context, p Planned, o install.Options) error {
	c.kube.Refresh()
	steps := slices.DeleteFunc(slices.Clone(p.Steps[1:]), func(s install.Step) bool { return s.Action == install.Delete })
	return install.Wait(ctx, c.kube, "release "+p.Release.String(), steps, o)
}

// waiter is Helm's client with our way of waiting, which tells causes and
// survives an API server that is away for a moment.
type waiter struct {
	*helmkube.Client
	ready func() error
}

func (w *waiter) Wait(helmkube.ResourceList, time.Duration) error { return w.ready() }
