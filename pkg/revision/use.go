package revision

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Use is one way in which a revision is used, with the first few users.
type Use struct {
	What  string   `json:"what"`
	Count int      `json:"count"`
	First []string `json:"first"`
}

// shown is how many users are named.
const shown = 5

func (u *Use) add(name string) {
	if u.Count++; len(u.First) < shown {
		u.First = append(u.First, name)
	}
}

// String says how many there are, and which.
func (u Use) String() string {
	what := u.What
	if u.Count == 1 {
		what = strings.NewReplacer("namespaces are", "namespace is", "pods have", "pod has", "pods ask", "pod asks", "Gateways are", "Gateway is", "objects of", "object of").Replace(what)
	}
	text := fmt.Sprintf("%d %s: %s", u.Count, what, strings.Join(u.First, ", "))
	if more := u.Count - len(u.First); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Question asks who uses a revision.
type Question struct {
	// Revision is its name, DefaultRevision for the one without.
	Revision string
	Tags     []snapshot.Tag
	// Own are the workloads that go with the revision and are no users.
	Own map[snapshot.Key]bool
	// Ambient says that the node agents of ambient mode go too.
	Ambient bool
}

// Using finds who uses a revision: namespaces that are labelled with it or with
// a tag of it, pods with its proxy, and Gateways that it runs.
func Using(ctx context.Context, c *kube.Client, q Question) ([]Use, error) {
	labelled, ambient, proxies, managed := &Use{What: "namespaces are injected by it"}, &Use{What: "namespaces are in ambient mode"}, &Use{What: "pods have its proxy"}, &Use{What: "Gateways are run by it"}
	homes := map[string]map[string]string{}
	err := c.Each(ctx, namespaces, "", "", func(o *unstructured.Unstructured) error {
		homes[o.GetName()] = o.GetLabels()
		q.namespace(o, labelled, ambient)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", c.Explain(err))
	}
	if err := c.EachPod(ctx, "", "", func(p *metav1.PartialObjectMetadata) { q.pod(p, proxies) }); err != nil {
		return nil, fmt.Errorf("listing pods: %w", c.Explain(err))
	}
	err = c.Each(ctx, gateways, "", "", func(o *unstructured.Unstructured) error {
		q.gateway(o, homes[o.GetNamespace()], managed)
		return nil
	})
	if err != nil && !kube.NotFound(err) {
		return nil, fmt.Errorf("listing Gateways: %w", c.Explain(err))
	}
	all := []Use{*labelled, *ambient, *proxies, *managed}
	return slices.DeleteFunc(all, func(u Use) bool { return u.Count == 0 }), nil
}

func (q Question) namespace(o *unstructured.Unstructured, labelled, ambient *Use) {
	labels := o.GetLabels()
	if snapshot.InjectedBy(labels, q.Tags) == q.Revision {
		labelled.add(o.GetName())
	}
	if q.Ambient && labels["istio.io/dataplane-mode"] == "ambient" {
		ambient.add(o.GetName())
	}
}

// pod counts proxies of the revision. The injector writes it on the pod, and
// istiod on the Gateways that it runs.
func (q Question) pod(p *metav1.PartialObjectMetadata, proxies *Use) {
	if proxyRevision(p.Annotations) == q.Revision && !q.Own[Workload(p)] {
		proxies.add(p.Namespace + "/" + p.Name)
	}
}

func proxyRevision(annotations map[string]string) string {
	if rev := annotations["istio.io/rev"]; rev != "" {
		return rev
	}
	var status struct{ Revision string }
	if json.Unmarshal([]byte(annotations["sidecar.istio.io/status"]), &status) != nil {
		return ""
	}
	return status.Revision
}

// Workload is what a pod belongs to. A ReplicaSet is named after its
// Deployment and the hash of the pods' template.
func Workload(p *metav1.PartialObjectMetadata) snapshot.Key {
	for _, ref := range p.OwnerReferences {
		switch ref.Kind {
		case "ReplicaSet":
			return snapshot.Key{Group: "apps", Kind: "Deployment", Namespace: p.Namespace, Name: strings.TrimSuffix(ref.Name, "-"+p.Labels["pod-template-hash"])}
		case "DaemonSet":
			return snapshot.Key{Group: "apps", Kind: "DaemonSet", Namespace: p.Namespace, Name: ref.Name}
		}
	}
	return snapshot.Key{}
}

// gateway counts a Gateway of one of istiod's classes. Its own label says which
// revision runs it, else that of its namespace, else it is the default one.
func (q Question) gateway(o *unstructured.Unstructured, home map[string]string, managed *Use) {
	class, _, _ := unstructured.NestedString(o.Object, "spec", "gatewayClassName")
	if class != "istio" && !strings.HasPrefix(class, "istio-") {
		return
	}
	rev := o.GetLabels()["istio.io/rev"]
	if rev == "" {
		rev = home["istio.io/rev"]
	}
	if rev == "" {
		rev = snapshot.DefaultRevision
	}
	if snapshot.Resolve(rev, q.Tags) == q.Revision {
		managed.add(o.GetNamespace() + "/" + o.GetName())
	}
}
