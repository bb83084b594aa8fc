package mesh

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Workload is what makes pods of one form: a Deployment or its like, or a pod
// that nothing else in the picture makes.
type Workload struct {
	// Object says where the form stands, Path where in it; Path is "" for a pod.
	Object snapshot.Object
	Path   string
	// Labels, Annotations and Spec are those of the pods.
	Labels, Annotations map[string]string
	Spec                *corev1.PodSpec
}

// Namespace is that of the pods.
func (w *Workload) Namespace() string { return w.Object.GetNamespace() }

// String names the workload as Kind/namespace/name.
func (w *Workload) String() string { return snapshot.KeyOf(w.Object).String() }

// At is a place in the pods' form, such as spec.containers[0] or
// metadata.labels.
func (w *Workload) At(path string) finding.Location {
	if w.Path != "" {
		path = w.Path + "." + path
	}
	return snapshot.Place(w.Object, path)
}

// workloads are indexed by their labels in each namespace.
type workloads struct {
	all    []*Workload
	spaces map[string]*labelled
}

// labelled are the workloads of a namespace, and those with a label.
type labelled struct {
	all  []*Workload
	with map[[2]string][]*Workload
}

func newWorkloads(m *Mesh) workloads {
	w := workloads{spaces: map[string]*labelled{}}
	made := map[string]bool{} // what makes others, by kind/namespace/name
	add := func(o snapshot.Object, path string, meta metav1.ObjectMeta, spec *corev1.PodSpec) {
		made[snapshot.KeyOf(o).String()] = true
		w.add(&Workload{o, path, meta.Labels, meta.Annotations, spec})
	}
	for _, o := range m.Deployments {
		add(o, "spec.template", o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec)
	}
	for _, o := range m.StatefulSets {
		add(o, "spec.template", o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec)
	}
	for _, o := range m.DaemonSets {
		add(o, "spec.template", o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec)
	}
	for _, o := range m.CronJobs {
		add(o, "spec.jobTemplate.spec.template", o.Spec.JobTemplate.Spec.Template.ObjectMeta, &o.Spec.JobTemplate.Spec.Template.Spec)
	}
	for _, o := range m.ReplicaSets {
		if !owned(o, made) {
			add(o, "spec.template", o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec)
		} else {
			made[snapshot.KeyOf(o).String()] = true
		}
	}
	for _, o := range m.Jobs {
		if !owned(o, made) {
			add(o, "spec.template", o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec)
		} else {
			made[snapshot.KeyOf(o).String()] = true
		}
	}
	for _, o := range m.Pods {
		if !owned(o, made) {
			w.add(&Workload{o, "", o.Labels, o.Annotations, &o.Spec})
		}
	}
	return w
}

// owned says whether something in the picture makes the object.
func owned(o snapshot.Object, made map[string]bool) bool {
	for _, ref := range o.GetOwnerReferences() {
		if made[ref.Kind+"/"+o.GetNamespace()+"/"+ref.Name] {
			return true
		}
	}
	return false
}

func (w *workloads) add(one *Workload) {
	w.all = append(w.all, one)
	space := w.spaces[one.Namespace()]
	if space == nil {
		space = &labelled{with: map[[2]string][]*Workload{}}
		w.spaces[one.Namespace()] = space
	}
	space.all = append(space.all, one)
	for k, v := range one.Labels {
		space.with[[2]string{k, v}] = append(space.with[[2]string{k, v}], one)
	}
}

// Workloads lists what makes pods.
func (m *Mesh) Workloads() []*Workload { return m.workloads.all }

// WorkloadsOf lists those of a namespace.
func (m *Mesh) WorkloadsOf(namespace string) []*Workload {
	if space := m.workloads.spaces[namespace]; space != nil {
		return space.all
	}
	return nil
}

// Select are the workloads of a namespace whose pods have all the labels;
// without labels they all are. Only the workloads with the rarest of the labels
// are looked at.
func (m *Mesh) Select(namespace string, labels map[string]string) []*Workload {
	space := m.workloads.spaces[namespace]
	if space == nil {
		return nil
	}
	if len(labels) == 0 {
		return space.all
	}
	var rarest []*Workload
	first := true
	for k, v := range labels {
		if with := space.with[[2]string{k, v}]; first || len(with) < len(rarest) {
			rarest, first = with, false
		}
	}
	var out []*Workload
	for _, w := range rarest {
		if Has(w.Labels, labels) {
			out = append(out, w)
		}
	}
	return out
}

// Has says whether labels include all that are wanted.
func Has(labels, wanted map[string]string) bool {
	for k, v := range wanted {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	return true
}
