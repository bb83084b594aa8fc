// Package rendered turns a configuration into the objects that installing it
// means, with Istio's own charts and Istio's own rendering, offline.
package rendered

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/version"

	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/render"
	"istio.io/istio/operator/pkg/values"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
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
	var out []snapshot.Manifest
	var err error
	if c.IsOperator() {
		out, err = operator(c, o)
	} else {
		out, err = chart(c, o)
	}
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", c.Name(), err)
	}
	sortForApply(out)
	for i := range out {
		out[i].Config = c
	}
	return out, nil
}

// operator renders an IstioOperator as istioctl does, with the default tag's
// webhooks that istioctl adds after rendering.
func operator(c *snapshot.Config, o Options) ([]snapshot.Manifest, error) {
	input, err := operatorInput(c, o)
	if err != nil {
		return nil, err
	}
	doc, err := yaml.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	var sets []manifest.ManifestSet
	var merged values.Map
	err = withFile(doc, func(path string) error {
		sets, merged, err = render.GenerateManifest([]string{path}, nil, false, nil, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := []snapshot.Manifest{namespace(merged)}
	for _, set := range sets {
		for _, m := range set.Manifests {
			out = append(out, snapshot.Manifest{Component: string(set.Component), Object: m.Unstructured})
		}
	}
	if wantsDefaultTag(c, o) {
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

// chart renders one Helm chart under its usual release name.
func chart(c *snapshot.Config, o Options) ([]snapshot.Manifest, error) {
	vals, err := chartInput(c)
	if err != nil {
		return nil, err
	}
	kube := o.Kubernetes
	if kube == "" {
		kube = oldestKubernetes()
	}
	parsed, err := facts.ParseMinor(kube)
	if err != nil {
		return nil, err
	}
	info := &version.Info{GitVersion: kube, Major: fmt.Sprint(parsed.Major), Minor: fmt.Sprint(parsed.Minor)}
	objects, _, err := helm.Render(c.Release(), c.Namespace(), charts.Folder(c.Chart), values.Map{"spec": values.Map{"values": vals}}, info)
	if err != nil {
		return nil, err
	}
	out := []snapshot.Manifest{namespace(values.Map{"metadata": map[string]any{"namespace": c.Namespace()}})}
	for _, m := range objects {
		out = append(out, snapshot.Manifest{Component: chartComponent(c.Chart), Object: m.Unstructured})
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
