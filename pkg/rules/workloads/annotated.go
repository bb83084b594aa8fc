package workloads

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"istio.io/api/annotation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// annotated is what has annotations: an object, or the pods that it makes.
type annotated struct {
	// kind is what Istio's list of annotations calls it.
	kind           string
	object         snapshot.Object
	workload       *mesh.Workload // whose pods they are; else nil
	path           string         // of the pods' form in the object
	labels, values map[string]string
	istio          []string // the annotations of Istio, in their order
}

// what names it in a sentence.
func (a annotated) what() string {
	if a.path != "" {
		return "the pods of " + snapshot.KeyOf(a.object).String()
	}
	return snapshot.KeyOf(a.object).String()
}

// at is the place of an annotation.
func (a annotated) at(name string) finding.Location {
	return a.in("annotations", name)
}

func (a annotated) in(field, name string) finding.Location {
	path := fmt.Sprintf("metadata.%s[%q]", field, name)
	if a.path != "" {
		path = a.path + "." + path
	}
	return snapshot.Place(a.object, path)
}

// names are the annotations of Istio, in their order.
func names(values map[string]string) []string {
	var out []string
	for name := range values {
		if ofIstio(name) || name == annotation.IoKubernetesIngressClass.Name && values[name] == "istio" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ofIstio says whether a name is in one of Istio's namespaces.
func ofIstio(name string) bool {
	prefix, _, ok := strings.Cut(name, "/")
	return ok && (prefix == "istio.io" || strings.HasSuffix(prefix, ".istio.io"))
}

// annotatedParts are what everything takes.
func annotatedParts() []snapshot.Part {
	return pods(snapshot.Services, snapshot.ServiceEntries, snapshot.KubernetesGateways, snapshot.Ingresses)
}

// all is what annotations stand on.
type all []annotated

// everything lists what annotations of Istio, or labels that were once some,
// stand on, found once for a snapshot. What istiod made for a Gateway has those
// of the Gateway, and is left out.
func everything(m *mesh.Mesh) []annotated {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) all { return find(m) })
}

func find(m *mesh.Mesh) all {
	var out all
	add := func(a annotated) {
		if (len(a.values) > 0 || a.labels[mesh.InjectLabel] != "") && a.object.GetLabels()[mesh.ManagedLabel] == "" {
			a.istio = names(a.values)
			out = append(out, a)
		}
	}
	whole := func(kind string, o snapshot.Object) {
		add(annotated{kind: kind, object: o, labels: o.GetLabels(), values: o.GetAnnotations()})
	}
	for _, w := range m.Workloads() {
		if w.Path != "" {
			whole(w.Object.GetObjectKind().GroupVersionKind().Kind, w.Object)
		}
		add(annotated{kind: "Pod", object: w.Object, workload: w, path: w.Path, labels: w.Labels, values: w.Annotations})
	}
	for _, o := range m.Namespaces {
		whole("Namespace", o)
	}
	for _, o := range m.Services {
		whole("Service", o)
	}
	for _, o := range m.ServiceEntries {
		whole("ServiceEntry", o)
	}
	for _, o := range m.KubernetesGateways {
		whole("Gateway", o)
	}
	for _, o := range m.Ingresses {
		whole("Ingress", o)
	}
	return out
}

// known is Istio's own list of annotations, by name.
var known = sync.OnceValue(func() map[string]*annotation.Instance {
	out := map[string]*annotation.Instance{}
	for _, a := range annotation.AllResourceAnnotations() {
		out[a.Name] = a
	}
	return out
})

// standsOn are the kinds that an annotation is read on; nil where the list does
// not say, or says any.
func standsOn(a *annotation.Instance) []string {
	var out []string
	for _, r := range a.Resources {
		if r == annotation.Any {
			return nil
		}
		if s := r.String(); s != "Unknown" {
			out = append(out, s)
		}
	}
	return out
}

// set are the annotations that istiod sets by itself.
func set(name string) bool {
	return slices.Contains([]string{annotation.SidecarStatus.Name, annotation.GatewayControllerVersion.Name, annotation.IoIstioRev.Name, annotation.AmbientRedirection.Name}, name) ||
		strings.HasPrefix(name, "internal.istio.io/") || strings.HasPrefix(name, "install.operator.istio.io/")
}

// knownNames are all names of the list in their order.
func knownNames() []string { return slices.Sorted(maps.Keys(known())) }
