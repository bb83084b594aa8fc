package installed

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// reconstruct makes the IstioOperator that would install what is there: the
// values that istiod's chart was given, and the components that are seen.
// What an IstioOperator says beside values, below components.*.k8s, is stored
// nowhere.
func (t *trace) reconstruct() (Installation, error) {
	i := Installation{Owner: t.owner, Source: Istioctl, Istio: t.version}
	values, err := t.given()
	if err != nil {
		return i, err
	}
	if values == nil {
		values = map[string]any{"global": map[string]any{"istioNamespace": t.owner.Namespace}}
		i.Doubts = append(i.Doubts, "its values are stored nowhere, because it has no istiod: fields that differ are not judged")
	}
	i.Doubts = append(i.Doubts, "istioctl keeps the values, but neither components.*.k8s nor overlays: what these may have set is not judged; -f compares all of it")
	if t.owner.Revision != "" {
		values["revision"] = t.owner.Revision
	}
	meta := map[string]any{"namespace": t.owner.Namespace}
	if t.owner.Name != "" {
		meta["name"] = t.owner.Name
	}
	text, err := json.Marshal(map[string]any{
		"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "metadata": meta,
		"spec": map[string]any{"profile": "empty", "values": values, "components": t.components()},
	})
	if err != nil {
		return i, fmt.Errorf("reading %s back: %w", t.owner, err)
	}
	config, err := parse("(read back from the cluster)", text)
	if err != nil {
		return i, err
	}
	config.Reconstructed = true
	i.Configs = []*snapshot.Config{config}
	return i, nil
}

// given are the values that istiod's chart was given; nil where nothing tells.
func (t *trace) given() (map[string]any, error) {
	if t.values == nil {
		return nil, nil
	}
	key := snapshot.KeyOf(t.values)
	text, found, _ := unstructured.NestedString(t.values.Object, "data", "original-values")
	if !found {
		return nil, nil
	}
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("the values in %s cannot be read, -f says what should be there", key)
	}
	return out, nil
}

// components are those that are seen in the cluster.
func (t *trace) components() map[string]any {
	out := map[string]any{"base": map[string]any{"enabled": t.base}, "pilot": map[string]any{"enabled": t.values != nil}}
	gateways := map[string][]any{}
	for _, w := range t.workloads {
		on := map[string]any{"enabled": true}
		if w.GetNamespace() != t.owner.Namespace {
			on["namespace"] = w.GetNamespace()
		}
		switch w.GetLabels()[componentLabel] {
		case "Pilot":
			out["pilot"] = on
		case "Cni":
			out["cni"] = on
		case "Ztunnel":
			out["ztunnel"] = on
		case "IngressGateways":
			gateways["ingressGateways"] = append(gateways["ingressGateways"], gateway(w, on))
		case "EgressGateways":
			gateways["egressGateways"] = append(gateways["egressGateways"], gateway(w, on))
		}
	}
	for list, items := range gateways {
		out[list] = items
	}
	return out
}

// gateway describes one by its Deployment. The labels that the chart gives to
// its pods are the selector.
func gateway(w *unstructured.Unstructured, on map[string]any) map[string]any {
	on["name"] = w.GetName()
	if labels, found, _ := unstructured.NestedStringMap(w.Object, "spec", "selector", "matchLabels"); found {
		set := map[string]any{}
		for name, value := range labels {
			set[name] = value
		}
		on["label"] = set
	}
	return on
}
