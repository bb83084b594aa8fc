package rendered

import (
	"encoding/json"
	"fmt"
	"strings"

	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// operatorInput is the IstioOperator that Istio's renderer gets: the user's, with
// the release's hub and tag where none is given (the module's own charts name
// a testing registry), and what istioctl detects on GKE.
func operatorInput(c *snapshot.Config, kubernetes string) (values.Map, error) {
	user, err := decode(c)
	if err != nil {
		return nil, err
	}
	base := values.Map{"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator"}
	if err := base.SetSpecPaths("hub="+facts.ReleaseHub, "tag="+facts.EmbeddedRelease); err != nil {
		return nil, err
	}
	if strings.Contains(kubernetes, "-gke") {
		if err := base.SetSpecPaths(gke()...); err != nil {
			return nil, err
		}
	}
	if user["spec"] == nil {
		delete(user, "spec")
	}
	base.MergeFrom(user)
	return base, nil
}

// gke lists what istioctl sets on Google's clusters: the CNI agent must run
// in kube-system, where its priority class is allowed without a quota, and
// the plugin directory is not the usual one.
func gke() []string {
	return []string{
		"components.cni.namespace=kube-system",
		"values.global.platform=gke",
		"values.cni.resourceQuotas.enabled=false",
		"values.cni.cniBinDir=/home/kubernetes/bin",
	}
}

func decode(c *snapshot.Config) (values.Map, error) {
	data, err := c.Root.JSON()
	if err != nil {
		return nil, err
	}
	out := values.Map{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	return out, nil
}

// userInput is the Helm values as given.
func userInput(c *snapshot.Config) (values.Map, error) {
	user, err := decode(c)
	if err != nil {
		return nil, err
	}
	if wrapper := c.Root.Name(); strings.HasPrefix(wrapper, "_internal_defaults") {
		// A copy of the chart's own values.yaml: below this key Helm takes
		// null for "as by default".
		user = values.Map{wrapper: map[string]any(user)}
	}
	return user, nil
}

// chartInput is the Helm values as given, with the release's hub and tag where
// none is set.
func chartInput(c *snapshot.Config) (values.Map, error) {
	user, err := userInput(c)
	if err != nil {
		return nil, err
	}
	base := values.Map{"global": map[string]any{"hub": facts.ReleaseHub, "tag": facts.EmbeddedRelease}}
	if c.Chart == "ztunnel" {
		base = values.Map{"hub": facts.ReleaseHub, "tag": facts.EmbeddedRelease}
	}
	if c.Chart == "gateway" {
		base = values.Map{}
	}
	base.MergeFrom(user)
	return base, nil
}
