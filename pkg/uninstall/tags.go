package uninstall

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// tags takes along the tags of the revision where no control plane stays that
// they could be moved to: their webhooks would refuse pods for ever.
func (s sorter) tags(ctx context.Context, c *kube.Client) error {
	istiod := slices.ContainsFunc(s.Objects, func(o Object) bool { return o.Component == "Pilot" && o.Key.Kind == "Deployment" })
	if !istiod || len(s.Others) > 0 {
		return nil
	}
	all, err := revision.Tags(ctx, c)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Revision != s.revision() || s.has(t.At) {
			continue
		}
		found, err := revision.ObjectsOf(ctx, c, t.Name)
		if err != nil {
			return err
		}
		for _, o := range found {
			if !s.has(snapshot.KeyOf(o)) {
				s.Objects = append(s.Objects, object(metaOf(o)))
			}
		}
		s.Gone = append(s.Gone, t)
	}
	return nil
}

func (s sorter) has(k snapshot.Key) bool {
	return slices.ContainsFunc(s.Objects, func(o Object) bool { return o.Key == k })
}

func metaOf(o *unstructured.Unstructured) *metav1.PartialObjectMetadata {
	out := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: o.GetNamespace(), Name: o.GetName(), UID: o.GetUID(), Labels: o.GetLabels()}}
	out.SetGroupVersionKind(o.GroupVersionKind())
	return out
}
