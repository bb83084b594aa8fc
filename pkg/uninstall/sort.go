package uninstall

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sorter decides what goes and what stays.
type sorter struct {
	Installation
	*Removal
	inventory map[snapshot.Key]bool
}

// others finds the control planes that stay. They need what all share.
func (s sorter) others(all []*metav1.PartialObjectMetadata) {
	for _, o := range all {
		if key := snapshot.KeyOf(o); key.Kind == "Deployment" && o.Labels["app"] == "istiod" && !s.goes(snapshot.Signature(o)) {
			s.Others = append(s.Others, key)
		}
	}
}

func (s sorter) sort(o *metav1.PartialObjectMetadata) {
	key, owner := snapshot.KeyOf(o), snapshot.Signature(o)
	known := s.inventory[key]
	base := o.Labels[componentLabel] == "Base"
	switch {
	case key.Kind == "CustomResourceDefinition":
		s.definition(o)
	case base && known && len(s.Others) == 0: // whoever signed it last
		s.Objects = append(s.Objects, object(o))
	case owner != s.Owner && known && !s.goes(owner):
		s.Left = append(s.Left, Left{key, holder(o)})
	case owner != s.Owner:
	case s.Inventory != nil && !known:
		s.Left = append(s.Left, Left{key, "it has the installation's labels, but was not applied by it"})
	case base && len(s.Others) > 0:
		s.Left = append(s.Left, Left{key, "shared with " + s.Others[0].String()})
	default:
		s.Objects = append(s.Objects, object(o))
	}
}

// definition keeps CRDs unless they are asked for and nobody else needs them:
// with each go all objects of its kind.
func (s sorter) definition(o *metav1.PartialObjectMetadata) {
	if s.PurgeCRDs && len(s.Others) == 0 {
		s.Objects = append(s.Objects, object(o))
		return
	}
	s.CRDs++
}

func object(o *metav1.PartialObjectMetadata) Object {
	return Object{snapshot.KeyOf(o), o.Labels[componentLabel], o}
}

// holder says to whom an object belongs by now.
func holder(o metav1.Object) string {
	w, labels := snapshot.Signature(o), o.GetLabels()
	if tag := labels["istio.io/tag"]; tag != "" && w.Namespace == "" {
		return fmt.Sprintf("it serves tag %s, which stands for revision %s", tag, labels["istio.io/rev"])
	}
	if w.Namespace == "" {
		return "it has lost the labels of the installation, so it belongs to somebody else"
	}
	return "it belongs to " + w.String()
}

// inOrder sorts objects by the order of removal: the reverse of that in which
// components are installed; of each the webhooks first, so that they do not
// refuse what others do while nothing answers behind them any more.
func inOrder(objects []Object) {
	components := []string{"EgressGateways", "IngressGateways", "Ztunnel", "Pilot", "Cni", "Base"}
	order := map[string]int{"CustomResourceDefinition": 100, "MutatingWebhookConfiguration": -2, "ValidatingWebhookConfiguration": -1}
	for n, gvk := range kinds() {
		if _, set := order[gvk.Kind]; !set {
			order[gvk.Kind] = n
		}
	}
	slices.SortStableFunc(objects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(slices.Index(components, a.Component), slices.Index(components, b.Component)),
			cmp.Compare(order[a.Key.Kind], order[b.Key.Kind]), cmp.Compare(a.Key.String(), b.Key.String()))
	})
}

// lost counts the users' objects that go with the CRDs.
func (s sorter) lost(ctx context.Context, c *kube.Client) error {
	for _, o := range s.Objects {
		if o.Key.Kind != "CustomResourceDefinition" {
			continue
		}
		crd, err := c.Get(ctx, definitions, "", o.Key.Name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.Key, c.Explain(err))
		}
		group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
		found, err := c.ListMeta(ctx, schema.GroupVersionKind{Group: group, Kind: kind}, "", "")
		if err != nil && !kube.NotFound(err) {
			return fmt.Errorf("counting the objects of kind %s: %w", kind, c.Explain(err))
		}
		if len(found) > 0 {
			u := revision.Use{What: "objects of kind " + kind, Count: len(found)}
			for _, f := range found[:min(len(found), 5)] {
				u.First = append(u.First, f.Namespace+"/"+f.Name)
			}
			s.Lost = append(s.Lost, u)
		}
	}
	return nil
}
