package uninstall

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func signedObject(kind, name, component, owner, revision string) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
		componentLabel: component, "istio.io/rev": revision, "install.operator.istio.io/owning-resource": owner,
		"install.operator.istio.io/owning-resource-namespace": "istio-system",
	}}}
	o.SetGroupVersionKind(schema.GroupVersionKind{Version: "v1", Kind: kind})
	return o
}

// TestWhatGoes sorts objects as they stand beside each other in a cluster.
func TestWhatGoes(t *testing.T) {
	mine := snapshot.Owner{Namespace: "istio-system"}
	istiod := signedObject("Deployment", "istiod", "Pilot", "unknown", "default")
	canary := signedObject("Deployment", "istiod-canary", "Pilot", "unknown", "canary")
	istiod.Labels["app"], canary.Labels["app"] = "istiod", "istiod"
	shared := signedObject("ServiceAccount", "reader", "Base", "unknown", "canary")
	taken := signedObject("ConfigMap", "istio", "Pilot", "theirs", "default")
	extra := signedObject("Service", "extra", "Pilot", "unknown", "default")
	crd := signedObject("CustomResourceDefinition", "sidecars", "Base", "unknown", "default")
	inventory := []snapshot.Key{snapshot.KeyOf(istiod), snapshot.KeyOf(shared), snapshot.KeyOf(taken), snapshot.KeyOf(crd)}
	for name, tc := range map[string]struct {
		i          Installation
		objects    []*metav1.PartialObjectMetadata
		goes, left string
	}{
		"recorded, alone":       {Installation{Owner: mine, Inventory: inventory}, []*metav1.PartialObjectMetadata{istiod, shared, taken, extra, crd}, "istiod reader", "istio extra"},
		"recorded, with canary": {Installation{Owner: mine, Inventory: inventory}, []*metav1.PartialObjectMetadata{istiod, canary, shared, taken}, "istiod", "reader istio"},
		"by labels":             {Installation{Owner: mine}, []*metav1.PartialObjectMetadata{istiod, canary, shared, taken, extra}, "istiod extra", ""},
		"with the CRDs":         {Installation{Owner: mine, PurgeCRDs: true}, []*metav1.PartialObjectMetadata{istiod, crd}, "istiod sidecars", ""},
		"CRDs of a canary":      {Installation{Owner: mine, PurgeCRDs: true}, []*metav1.PartialObjectMetadata{istiod, canary, crd}, "istiod", ""},
		"all":                   {Installation{Owner: mine, Inventory: inventory, Along: []snapshot.Owner{{Namespace: "istio-system", Revision: "canary"}}}, []*metav1.PartialObjectMetadata{istiod, canary, shared}, "istiod reader", ""},
	} {
		s := sorter{tc.i, &Removal{}, map[snapshot.Key]bool{}}
		for _, k := range tc.i.Inventory {
			s.inventory[k] = true
		}
		s.others(tc.objects)
		for _, o := range tc.objects {
			s.sort(o)
		}
		var goes, left []string
		for _, o := range s.Objects {
			goes = append(goes, o.Key.Name)
		}
		for _, l := range s.Left {
			left = append(left, l.Key.Name)
		}
		if g, l := strings.Join(goes, " "), strings.Join(left, " "); g != tc.goes || l != tc.left {
			t.Errorf("%s: goes %q, left %q", name, g, l)
		}
	}
}

// TestOrder wants webhooks to go before what answers them, gateways before
// istiod, and CRDs last.
func TestOrder(t *testing.T) {
	var objects []Object
	for _, o := range []*metav1.PartialObjectMetadata{
		signedObject("CustomResourceDefinition", "7", "Base", "", ""), signedObject("ServiceAccount", "6", "Base", "", ""),
		signedObject("ConfigMap", "4", "Pilot", "", ""), signedObject("Deployment", "3", "Pilot", "", ""), signedObject("MutatingWebhookConfiguration", "2", "Pilot", "", ""),
		signedObject("DaemonSet", "5", "Cni", "", ""), signedObject("Deployment", "1", "IngressGateways", "", ""),
	} {
		objects = append(objects, object(o))
	}
	inOrder(objects)
	got := ""
	for _, o := range objects {
		got += o.Key.Name
	}
	if got != "1234567" {
		t.Error(got)
	}
}
