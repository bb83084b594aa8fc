package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// dryRuns asks the API server to apply every rendered object without keeping
// it. Precheck judges the answers, and the plan is made of them, so that each
// object is asked about once.
func dryRuns(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	coming := bringsAlong(s.Rendered)
	if err := coming.look(ctx, c); err != nil {
		return err
	}
	t := &trial{c, coming, newReleases(c), s.Settings.TakeOwnership}
	answers, errs := make([]snapshot.DryRun, len(s.Rendered)), make([]error, len(s.Rendered))
	kube.InParallel(len(s.Rendered), func(i int) { answers[i], errs[i] = t.run(ctx, s.Rendered[i]) })
	s.DryRuns = map[snapshot.Key]snapshot.DryRun{}
	for i, m := range s.Rendered {
		if errs[i] != nil {
			return errs[i]
		}
		s.DryRuns[snapshot.KeyOf(m.Object)] = answers[i]
	}
	return nil
}

// trial is what dry runs go by.
type trial struct {
	*kube.Client
	coming   brought
	releases *releases
	takeOver bool // from other owners
}

// run asks about one object. Its error says that no answer came at all.
func (t *trial) run(ctx context.Context, m snapshot.Manifest) (snapshot.DryRun, error) {
	d := snapshot.DryRun{Sent: m.Object}
	if t.coming.namespaces[m.Object.GetNamespace()] == missing {
		// Nothing is there, and the API server would wait for the namespace
		// before it says so.
		d.Verdict = snapshot.Early
		return elsewhere(ctx, t.Client, d, t.coming)
	}
	live, err := t.Get(ctx, m.Object.GroupVersionKind(), m.Object.GetNamespace(), m.Object.GetName())
	switch {
	case err == nil:
		d.Live, d.Sent = live, snapshot.LeaveToIstiod(m.Object, live)
		t.marks(ctx, m, &d)
	case !kube.NotFound(err):
		return judged(d, err)
	}
	after, err := t.verdict(ctx, &d, kube.ApplyOptions{Manager: m.Manager(), DryRun: true})
	if conflicts := kube.Conflicts(err); len(conflicts) > 0 {
		d.Conflicts, d.Shared = byManager(conflicts, m.Manager(), t.releases.gone(ctx, live))
		after, err = t.verdict(ctx, &d, kube.ApplyOptions{Manager: m.Manager(), DryRun: true, Force: true})
	}
	switch {
	case err != nil && t.coming.explains(err, m.Object):
		d.Verdict = snapshot.Early
		return elsewhere(ctx, t.Client, d, t.coming)
	case err != nil:
		return judged(d, err)
	}
	d.Verdict = snapshot.Accepted
	switch {
	case d.Live == nil:
	case m.Config != nil && m.Config.Reconstructed:
		if changes := kube.DiffInside(live, after); len(changes) > 0 {
			d.Fields, d.Doubt, err = readBack(ctx, t.Client, m, live, changes)
			return d, err
		}
	default:
		for _, f := range kube.DiffInside(live, after) {
			d.Fields = append(d.Fields, snapshot.FieldChange{Path: f.Path, Live: f.Old, Want: f.New})
		}
	}
	return d, nil
}

// verdict asks what would become of an object. What is not there yet would
// become what was sent, so the answer need not repeat it.
func (t *trial) verdict(ctx context.Context, d *snapshot.DryRun, how kube.ApplyOptions) (*unstructured.Unstructured, error) {
	if d.Live == nil {
		return nil, t.Try(ctx, d.Sent, how)
	}
	return t.Apply(ctx, d.Sent, how)
}

// marks sees to Helm's marks on an object that is no Helm release's, or will be
// none's: left there, they would name a wrong owner for ever.
func (t *trial) marks(ctx context.Context, m snapshot.Manifest, d *snapshot.DryRun) {
	_, _, marked := snapshot.HelmRelease(d.Live)
	if !marked || m.Manager() == snapshot.HelmManager || m.Object.GetKind() == "Namespace" || !t.takeOver && !t.releases.gone(ctx, d.Live) {
		return
	}
	d.Unmark = true
	for _, mark := range []string{snapshot.HelmReleaseName, snapshot.HelmReleaseNamespace} {
		d.Fields = append(d.Fields, snapshot.FieldChange{Path: "metadata.annotations." + mark, Live: d.Live.GetAnnotations()[mark]})
	}
}

// judged sorts out why the API server did not do as asked.
func judged(d snapshot.DryRun, err error) (snapshot.DryRun, error) {
	d.Reason = reason(err)
	switch {
	case kube.Broken(err):
		return d, err
	case kube.UnknownKind(err):
		d.Verdict = snapshot.NoSuchKind
	case kube.NotAllowed(err):
		d.Verdict = snapshot.Forbidden
	case kube.Busy(err):
		d.Verdict = snapshot.Unanswered
	default:
		d.Verdict = snapshot.Refused
		d.Reason = strings.TrimSpace(kube.Message(err))
	}
	return d, nil
}

// elsewhere tries an object of a namespace that the installation brings in one
// that is there: the API server judges its form alike. Only what it says about
// the form counts; quotas and the like are that namespace's own.
func elsewhere(ctx context.Context, c *kube.Client, d snapshot.DryRun, coming brought) (snapshot.DryRun, error) {
	if d.Sent.GetNamespace() == "" || coming.kinds[d.Sent.GroupVersionKind().GroupKind()] {
		return d, nil
	}
	o := d.Sent.DeepCopy()
	o.SetNamespace("default")
	err := c.Try(ctx, o, kube.ApplyOptions{Force: true})
	if kube.Invalid(err) || kube.UnknownKind(err) || kube.Broken(err) {
		return judged(d, err)
	}
	return d, nil
}

// byManager groups conflicts and leaves out those with writers that are meant
// to write: autoscalers and whoever else scales, and the installation's own
// tools, whose name for the same work differs. Nor is there a Helm where the
// object's release is gone.
func byManager(conflicts []kube.Conflict, own string, orphan bool) (out []snapshot.Conflict, shared bool) {
	for _, c := range conflicts {
		if c.Subresource == "scale" || c.Manager == own || own == snapshot.OperatorManager && c.Manager == "istioctl" || orphan && wroteForHelm(c.Manager) {
			shared = true
			continue
		}
		i := slices.IndexFunc(out, func(have snapshot.Conflict) bool { return have.Manager == c.Manager })
		if i < 0 {
			i, out = len(out), append(out, snapshot.Conflict{Manager: c.Manager})
		}
		out[i].Fields = append(out[i].Fields, c.Field)
	}
	slices.SortFunc(out, func(a, b snapshot.Conflict) int { return cmp.Compare(a.Manager, b.Manager) })
	return out, shared
}

// wroteForHelm says whether a manager of fields is Helm, or a program that has
// Helm built in.
func wroteForHelm(manager string) bool {
	return manager == snapshot.HelmManager || manager == "helm-controller" || strings.HasPrefix(manager, "terraform-provider-helm")
}

// brought is what the installation itself brings into the cluster: a dry run
// inside one of its namespaces, of one of its kinds, or about one of its roles
// cannot work yet.
type brought struct {
	namespaces map[string]presence
	kinds      map[schema.GroupKind]bool
	roles      map[snapshot.Key]bool
}

// presence of a namespace that the installation brings.
type presence int

const (
	unknown presence = iota // it is not known, or the installation does not bring it
	missing
	present
)

// look finds out which of the namespaces are there. Its error says that the API
// server did not answer.
func (b brought) look(ctx context.Context, c *kube.Client) error {
	for name := range b.namespaces {
		_, err := c.Get(ctx, corev1.SchemeGroupVersion.WithKind("Namespace"), "", name)
		switch {
		case err == nil:
			b.namespaces[name] = present
		case kube.NotFound(err):
			b.namespaces[name] = missing
		case kube.Broken(err):
			return err
		}
	}
	return nil
}

func bringsAlong(manifests []snapshot.Manifest) brought {
	out := brought{map[string]presence{}, map[schema.GroupKind]bool{}, map[snapshot.Key]bool{}}
	for _, m := range manifests {
		switch m.Object.GetKind() {
		case "Namespace":
			out.namespaces[m.Object.GetName()] = unknown
		case "CustomResourceDefinition":
			group, _, _ := unstructured.NestedString(m.Object.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(m.Object.Object, "spec", "names", "kind")
			out.kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		case "Role", "ClusterRole":
			out.roles[snapshot.KeyOf(m.Object)] = true
		}
	}
	return out
}

// explains says whether a refusal is only due to what is not there yet.
func (b brought) explains(err error, o *unstructured.Unstructured) bool {
	_, comes := b.namespaces[o.GetNamespace()]
	return kube.NotFound(err) && (comes || b.roles[roleOf(o)]) ||
		kube.UnknownKind(err) && b.kinds[o.GroupVersionKind().GroupKind()]
}

// roleOf is the role that a binding gives.
func roleOf(o *unstructured.Unstructured) snapshot.Key {
	kind, _, _ := unstructured.NestedString(o.Object, "roleRef", "kind")
	name, _, _ := unstructured.NestedString(o.Object, "roleRef", "name")
	key := snapshot.Key{Group: rbac, Kind: kind, Name: name}
	if kind == "Role" {
		key.Namespace = o.GetNamespace()
	}
	return key
}
