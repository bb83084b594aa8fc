// Package rendered turns a configuration into the objects that installing it
// means, with Istio's own charts and Istio's own rendering, offline.
package rendered

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Options are what rendering depends on besides the configuration.
type Options struct {
	// Kubernetes is the server's version, such as v1.36.3; "" for the
	// oldest that Istio supports.
	Kubernetes string
	// DefaultTagElsewhere says that the cluster's default revision tag
	// exists already and points to another revision, which a revisioned
	// installation leaves alone.
	DefaultTagElsewhere bool
	// DefaultTagByHand says that the tag belongs to no installation: somebody
	// set it, and it stays where it is. So does one that is elsewhere when what
	// is installed is only looked at.
	DefaultTagByHand bool
}

// Render returns the objects of a configuration in the order in which they
// are applied. Errors are Istio's own refusals, such as an unknown profile.
func Render(c *snapshot.Config, o Options) ([]snapshot.Manifest, error) {
	found, merged, err := CheckOptions{Kubernetes: o.Kubernetes, crds: true}.whole(c)
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", c.Name(), err)
	}
	out := append([]snapshot.Manifest{namespace(merged)}, manifestsOf(c, found, nil)...)
	if c.IsOperator() {
		if out, err = asInstalled(c, o, out, merged); err != nil {
			return nil, fmt.Errorf("rendering %s: %w", c.Name(), err)
		}
	}
	sortForApply(out)
	for i := range out {
		out[i].Config = c
	}
	return out, nil
}

// asInstalled adds what istioctl adds after rendering: the default tag's
// webhooks, and labels.
func asInstalled(c *snapshot.Config, o Options, out []snapshot.Manifest, merged values.Map) ([]snapshot.Manifest, error) {
	if wantsDefaultTag(c, o) {
		var err error
		if out, err = defaultTag(out, merged); err != nil {
			return nil, err
		}
	} else if o.DefaultTagByHand && c.Revision() == "" {
		movedTag(out)
	}
	for _, m := range out {
		label(m, merged)
	}
	return out, nil
}

func oldestKubernetes() string {
	r, _ := facts.ReleaseOf(facts.Embedded())
	return "v" + r.Minimum.String() + ".0"
}

func chartComponent(chart string) string {
	switch chart {
	case "istiod":
		return "Pilot"
	case "gateway":
		return "IngressGateways"
	default:
		return strings.ToUpper(chart[:1]) + chart[1:]
	}
}

// namespace is the control plane's own, which the charts expect to exist.
func namespace(merged values.Map) snapshot.Manifest {
	meta := map[string]any{"name": merged.GetPathStringOr("metadata.namespace", "istio-system")}
	if network := merged.GetPathString("spec.values.global.network"); network != "" {
		meta["labels"] = map[string]any{"topology.istio.io/network": network}
	}
	return snapshot.Manifest{Component: "Base", Object: &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": meta,
	}}}
}
