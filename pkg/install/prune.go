package install

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// notPruned is istioctl's label for objects that outlive a change of the
// installation, such as the default tag's webhooks.
const notPruned = "install.operator.istio.io/owning-resource-not-pruned"

// Owner is how an installation signs its objects. Two IstioOperators of one
// namespace and revision, such as a control plane's and its gateways', differ
// by name only.
type Owner struct{ Name, Namespace, Revision string }

// owns says whether a labelled object belongs to this installation. The charts
// sign objects of an installation without a name as "unknown".
func (w Owner) owns(o *unstructured.Unstructured) bool {
	name := o.GetLabels()["install.operator.istio.io/owning-resource"]
	if w.Name == "" {
		return name == "" || name == "unknown"
	}
	return name == w.Name
}

func (w Owner) selector() string {
	return "operator.istio.io/component,operator.istio.io/managed=Reconcile" +
		",istio.io/rev=" + cmp.Or(w.Revision, "default") +
		",install.operator.istio.io/owning-resource-namespace=" + w.Namespace
}

// leftovers finds what an earlier installation of the same owner left behind:
// objects with its labels that are rendered no more.
func leftovers(ctx context.Context, c *kube.Client, manifests []snapshot.Manifest, owner Owner) ([]Step, error) {
	wanted := map[snapshot.Key]bool{}
	for _, m := range manifests {
		wanted[snapshot.KeyOf(m.Object)] = true
	}
	var out []Step
	for _, gvk := range snapshot.PrunableKinds() {
		objects, err := c.List(ctx, gvk, "", owner.selector())
		if err != nil {
			return nil, fmt.Errorf("listing %ss of the installation: %w", gvk.Kind, err)
		}
		for _, o := range objects {
			if key := snapshot.KeyOf(o); !wanted[key] && owner.owns(o) && deletable(o) {
				out = append(out, Step{Action: Delete, Key: key, Manifest: snapshot.Manifest{Object: o, Component: o.GetLabels()["operator.istio.io/component"]}})
			}
		}
	}
	return out, nil
}

func deletable(o *unstructured.Unstructured) bool {
	return o.GetLabels()[notPruned] != "true" && o.GetDeletionTimestamp() == nil
}
