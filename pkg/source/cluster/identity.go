package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// defaultClusterID is istiod's name for its cluster where it is told none.
const defaultClusterID = "Kubernetes"

// ReadIdentity reads what the control plane of the default revision was told to
// be among others: in its environment, and in the ConfigMaps of its revision.
func ReadIdentity(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.Identity = snapshot.ControlPlaneIdentity{}
	if ok, why := s.Has(snapshot.ControlPlanes); !ok {
		return gap(why)
	}
	if len(s.ControlPlanes) == 0 {
		return nil
	}
	istiod := chosen(s.ControlPlanes)
	id := snapshot.ControlPlaneIdentity{ClusterID: defaultClusterID}
	for name, value := range environment(istiod) {
		switch name {
		case "CLUSTER_ID":
			id.ClusterID = value
		case "PILOT_SKIP_VALIDATE_TRUST_DOMAIN":
			id.AnyTrustDomain = value == "true"
		case "PILOT_MULTICLUSTER_KUBECONFIG_PATH":
			id.PeersInFiles = value != ""
		}
	}
	values, err := entryOf(ctx, r, istiod, "istio-sidecar-injector", "values")
	if err != nil {
		return err
	}
	if id.Network, err = networkOf(values); err != nil {
		return err
	}
	networks, err := entryOf(ctx, r, istiod, "istio", "meshNetworks")
	if err != nil {
		return err
	}
	id.Gateways = withGateways(networks)
	s.Identity = id
	return nil
}

// environment are the variables of an istiod that have a value of their own.
func environment(istiod *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	containers, _, _ := unstructured.NestedSlice(istiod.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		container, _ := c.(map[string]any)
		if container["name"] != "discovery" {
			continue
		}
		list, _, _ := unstructured.NestedSlice(container, "env")
		for _, item := range list {
			if variable, ok := item.(map[string]any); ok {
				name, _ := variable["name"].(string)
				value, _ := variable["value"].(string)
				out[name] = value
			}
		}
	}
	return out
}

// entryOf is an entry of a ConfigMap of an istiod's revision; "" where it is
// not there.
func entryOf(ctx context.Context, r Reader, istiod *unstructured.Unstructured, name, entry string) (string, error) {
	if rev := revisionOf(istiod); rev != "" {
		name += "-" + rev
	}
	o, err := r.Get(ctx, configMaps, istiod.GetNamespace(), name)
	if kube.NotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text, _, _ := unstructured.NestedString(o.Object, "data", entry)
	return text, nil
}

// networkOf is the network in the values of the injector.
func networkOf(values string) (string, error) {
	var v struct {
		Global struct{ Network string }
	}
	if values == "" {
		return "", nil
	}
	if err := json.Unmarshal([]byte(values), &v); err != nil {
		return "", gap(fmt.Sprintf("the injector's values cannot be read: %v", err))
	}
	return v.Global.Network, nil
}

// withGateways are the networks of meshNetworks that have a gateway.
func withGateways(text string) []string {
	out := map[string]bool{}
	for _, d := range document.Parse("", []byte(text)) {
		if d.Root == nil {
			continue
		}
		for _, network := range d.Root.Field("networks").Fields() {
			if len(network.Field("gateways").Items()) > 0 {
				out[network.Name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(out))
}
