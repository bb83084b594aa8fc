package installed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Labels by which istioctl signs what it applies.
const (
	componentLabel = "operator.istio.io/component"
	versionLabel   = "operator.istio.io/version"
)

// signed selects everything that istioctl or meshctl applied. Charts that Helm
// installed have the component, but are not managed by an operator.
const signed = componentLabel + ",operator.istio.io/managed=Reconcile"

var (
	configMaps  = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	deployments = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	daemonSets  = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "DaemonSet"}
	accounts    = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
)

// trace is what an installation by istioctl left in the cluster, as far as it
// tells what was installed.
type trace struct {
	owner     snapshot.Owner
	version   string
	values    *unstructured.Unstructured // ConfigMap with the values of istiod
	workloads []*unstructured.Unstructured
	base      bool
}

// traces finds installations by their labels, of one namespace or of all, among
// the objects of one namespace or of all.
func traces(ctx context.Context, c *kube.Client, namespace, only string) ([]*trace, error) {
	found := map[snapshot.Owner]*trace{}
	var order []*trace
	for _, kind := range []schema.GroupVersionKind{deployments, daemonSets, configMaps, accounts} {
		err := c.Each(ctx, kind, only, signed, func(o *unstructured.Unstructured) error {
			owner := snapshot.Signature(o)
			if owner.Namespace == "" || namespace != "" && owner.Namespace != namespace {
				return nil
			}
			t := found[owner]
			if t == nil {
				t = &trace{owner: owner}
				found[owner] = t
				order = append(order, t)
			}
			t.take(o)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("looking for what is installed: %w", c.Explain(err))
		}
	}
	// Single objects with labels that somebody copied are no installation.
	return slices.DeleteFunc(order, func(t *trace) bool { return t.values == nil && len(t.workloads) == 0 }), nil
}

func (t *trace) take(o *unstructured.Unstructured) {
	switch kind := o.GetKind(); {
	case kind == "Deployment" || kind == "DaemonSet":
		t.workloads = append(t.workloads, o)
	case o.GetLabels()[componentLabel] == "Base":
		t.base = true
		return // shared with others, so its version may be theirs
	case kind == "ConfigMap" && (o.GetName() == "values" || strings.HasPrefix(o.GetName(), "values-")):
		t.values = o
	}
	if v := o.GetLabels()[versionLabel]; v != "" {
		t.version = v
	}
}
