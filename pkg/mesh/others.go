package mesh

import (
	"cmp"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// others are what makes pods and is of a kind that is not read: a Rollout of
// Argo, a Service of Knative, a CloneSet. They are known by spec.template.
type others struct {
	all  []Other
	with map[[2]string][]Other
}

// Other makes pods and is of a kind that is not read.
type Other struct {
	Kind, Name string
	// Namespace is "" where the file does not tell it.
	Namespace string
	// Labels are those of the pods, Account is what they run as.
	Labels  map[string]string
	Account string
}

func newOthers(s *snapshot.Snapshot) *others {
	out := &others{with: map[[2]string][]Other{}}
	for _, d := range s.Documents {
		pods := d.Root.At("spec", "template")
		if len(pods.Fields()) == 0 || d.Root.Str("apiVersion") == "" || d.Root.Str("kind") == "" {
			continue
		}
		one := Other{
			Kind: d.Root.Str("kind"), Name: d.Root.Str("metadata", "name"), Namespace: d.Root.Str("metadata", "namespace"),
			Labels: map[string]string{}, Account: cmp.Or(pods.Str("spec", "serviceAccountName"), "default"),
		}
		for _, label := range pods.At("metadata", "labels").Fields() {
			one.Labels[label.Name()] = label.Text
		}
		out.all = append(out.all, one)
		for k, v := range one.Labels {
			out.with[[2]string{k, v}] = append(out.with[[2]string{k, v}], one)
		}
	}
	return out
}

// Others lists the objects in the files that make pods and are of kinds that
// are not read.
func (m *Mesh) Others() []Other { return snapshot.Derived(m.Snapshot, newOthers).all }

// MadeByOther names an object in the files that makes pods with all the labels
// and is of a kind that is not read, so that nothing else is known of the pods;
// "" if there is none. With namespace "" it may be in any. One that does not
// tell its namespace may be in each.
func (m *Mesh) MadeByOther(namespace string, labels map[string]string) string {
	x := snapshot.Derived(m.Snapshot, newOthers)
	rarest, first := x.all, true
	for k, v := range labels {
		if with := x.with[[2]string{k, v}]; first || len(with) < len(rarest) {
			rarest, first = with, false
		}
	}
	for _, o := range rarest {
		if (namespace == "" || o.Namespace == "" || o.Namespace == namespace) && Has(o.Labels, labels) {
			return o.Kind + " " + o.Name
		}
	}
	return ""
}
