package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Plan is what installing releases would do, in order.
type Plan struct {
	Releases []Planned
	// namespaces are those that have to be made first.
	namespaces []string
}

// Planned is one release of a plan.
type Planned struct {
	Release
	// Steps are the release's objects, after a step for its record.
	Steps []install.Step
	// last is the newest record of the release, base the one that its objects
	// are of; nil where it is not installed.
	last, base *helmrelease.Release
}

// Changes says whether Helm has anything to do for the release.
func (p Planned) Changes() bool { return p.Steps[0].Action != install.Unchanged }

// Flat is the plan as one list of objects.
func (p *Plan) Flat() *install.Plan {
	out := &install.Plan{}
	for _, name := range p.namespaces {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}}
		out.Steps = append(out.Steps, install.Step{Action: install.Create, Key: snapshot.KeyOf(o), Manifest: snapshot.Manifest{Component: "Base", Object: o}})
	}
	for _, r := range p.Releases {
		out.Steps = append(out.Steps, r.Steps...)
	}
	return out
}

// Busy says that a release has an operation under way that is not ours.
type Busy struct {
	Release Release
	Status  string
}

func (e *Busy) Error() string {
	return fmt.Sprintf("release %s is %s: helm is at work on it or was interrupted; wait for it, or undo it with `helm rollback %s -n %s`, or `helm uninstall` for a first installation", e.Release, e.Status, e.Release.Name, e.Release.Namespace)
}

// Prepare makes the plan: each release's objects as Helm would patch or create
// them, sent as dry runs. Nothing is written. Objects that are there and not the
// release's are conflicts of their steps; refusals are returned joined into one
// error.
func (c *Client) Prepare(ctx context.Context, wanted []Release, kubernetes string) (*Plan, error) {
	p := &Plan{}
	run := &run{client: c, kubernetes: kubernetes, coming: comingSoon{}}
	var errs []error
	for _, r := range wanted {
		if err := run.namespace(ctx, p, r.Namespace); err != nil {
			return nil, err
		}
		planned, err := run.release(ctx, r)
		if kube.Broken(err) && !isAnswer(err) {
			return nil, c.kube.Explain(err)
		}
		errs = append(errs, err)
		p.Releases = append(p.Releases, planned)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// isAnswer tells what somebody said about the plan from a lack of answers.
func isAnswer(err error) bool {
	var busy *Busy
	var refused *install.Refused
	var unfit *NotRenderable
	return errors.As(err, &busy) || errors.As(err, &refused) || errors.As(err, &unfit)
}

// run is one planning.
type run struct {
	client     *Client
	kubernetes string
	coming     comingSoon
}

// namespace notes a namespace that Helm has to make.
func (r *run) namespace(ctx context.Context, p *Plan, name string) error {
	if r.coming.namespaces[name] {
		return nil
	}
	there, err := r.client.exists(ctx, name)
	if err == nil && !there {
		p.namespaces = append(p.namespaces, name)
		r.coming.namespace(name)
	}
	return err
}

func (c *Client) exists(ctx context.Context, namespace string) (bool, error) {
	_, err := c.kube.Get(ctx, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", namespace)
	if err != nil && !kube.NotFound(err) && !kube.Forbidden(err) {
		return false, fmt.Errorf("reading namespace %s: %w", namespace, err)
	}
	return !kube.NotFound(err), nil // who may not look cannot make it either
}

func (r *run) release(ctx context.Context, rel Release) (Planned, error) {
	p := Planned{Release: rel}
	if err := r.client.records(&p); err != nil {
		return p, err
	}
	after, err := r.client.render(ctx, rel, r.kubernetes, p.base != nil)
	if err != nil {
		return p, err
	}
	before := []*unstructured.Unstructured{}
	if p.base != nil {
		if before, err = r.client.objects(ctx, p.base.Manifest, rel.Namespace); err != nil {
			return p, err
		}
	}
	steps, err := r.steps(ctx, rel, before, after)
	p.Steps = append([]install.Step{record(p, steps)}, steps...)
	return p, err
}

// records finds the newest record of a release and the one whose objects are
// in the cluster, as Helm chooses it.
func (c *Client) records(p *Planned) error {
	cfg, err := c.actions(p.Namespace)
	if err != nil {
		return err
	}
	last, err := cfg.Releases.Last(p.Name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading release %s: %w", p.Release, err)
	}
	p.last = last
	if pending(last) && !ours(last) {
		return &Busy{p.Release, last.Info.Status.String()}
	}
	switch deployed, err := cfg.Releases.Deployed(p.Name); {
	case err == nil:
		p.base = deployed
	case !errors.Is(err, driver.ErrNoDeployedReleases) && !errors.Is(err, driver.ErrReleaseNotFound):
		return fmt.Errorf("reading release %s: %w", p.Release, err)
	case last.Info.Status != helmrelease.StatusUninstalled:
		p.base = last
	}
	return nil
}

// pending says whether an operation on the release has not come to its end.
func pending(r *helmrelease.Release) bool {
	return r.Info.Status.IsPending() || r.Info.Status == helmrelease.StatusUninstalling
}

// revisionLabel carries the number of the revision that meshctl made. Helm
// hands labels on to later revisions, whose number is another.
const revisionLabel = "meshctl.io/revision"

func ours(r *helmrelease.Release) bool { return r.Labels[revisionLabel] == strconv.Itoa(r.Version) }

// record is the step for the release itself: Helm writes a new revision if an
// object, the values or the chart change, or if the last one did not succeed.
func record(p Planned, steps []install.Step) install.Step {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "helm.sh/v3", "kind": "Release", "metadata": map[string]any{"name": p.Name, "namespace": p.Namespace}}}
	s := install.Step{Action: install.Create, Key: snapshot.KeyOf(o), Manifest: snapshot.Manifest{Component: "Helm", Object: o, Config: p.Config}}
	if p.base == nil {
		return s
	}
	s.Action, s.Fields = install.Unchanged, differences(p, steps)
	if len(s.Fields) > 0 {
		s.Action = install.Change
	}
	return s
}

func differences(p Planned, steps []install.Step) []snapshot.FieldChange {
	var out []snapshot.FieldChange
	note := func(path, live, want string) {
		if live != want {
			out = append(out, snapshot.FieldChange{Path: path, Live: live, Want: want})
		}
	}
	note("status", p.last.Info.Status.String(), helmrelease.StatusDeployed.String())
	note("chart", chartOf(p.base), p.Config.Chart+"-"+facts.EmbeddedRelease)
	if vals, err := values(p.Config); err == nil && !same(vals, p.base.Config) {
		for _, d := range kube.DiffValues("values", p.base.Config, vals) {
			out = append(out, snapshot.FieldChange{Path: d.Path, Live: d.Old, Want: d.New}) // secrets look alike
		}
	}
	changed := 0
	for _, s := range steps {
		if s.Action != install.Unchanged {
			changed++
		}
	}
	if len(out) > 0 || changed > 0 {
		note("revision", strconv.Itoa(p.last.Version), strconv.Itoa(p.last.Version+1))
	}
	return out
}

func same(a, b map[string]any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

func chartOf(r *helmrelease.Release) string {
	if r.Chart == nil || r.Chart.Metadata == nil {
		return ""
	}
	return cmp.Or(r.Chart.Metadata.Name, "?") + "-" + r.Chart.Metadata.Version
}
