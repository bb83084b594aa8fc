package rendered

import (
	"cmp"
	"fmt"

	chartv2 "helm.sh/helm/v4/pkg/chart/v2"

	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/render"
	"istio.io/istio/operator/pkg/values"
	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
)

// object is one rendered object with its component and its text.
type object struct {
	component string
	manifest.Manifest
}

// CheckOptions are what rendering for the rules depends on.
type CheckOptions struct {
	// Kubernetes is the version of the cluster; "" for the oldest that Istio
	// supports.
	Kubernetes string
	// Charts replace the bundled ones; nil for those.
	Charts *charts.Set
	// Memory keeps renderings for a later check; nil keeps none.
	Memory *Memory

	// crds has Istio's own CRDs rendered too, which takes longer than all the
	// rest, and which no setting changes.
	crds bool
}

func (o CheckOptions) kubernetes() string { return cmp.Or(o.Kubernetes, oldestKubernetes()) }

// chart returns a chart in the form that checks need.
func (o CheckOptions) chart(name string) (*chartv2.Chart, error) {
	if o.Charts != nil {
		return o.Charts.Chart(name)
	}
	return charts.Bundled(name)
}

// offline renders a configuration with root in the place of its document, for
// the rules: without CRDs, without the default tag's webhooks and without the
// labels that an installation adds.
func (o CheckOptions) offline(c *snapshot.Config, root *document.Value) (out []object, err error) {
	// Istio's renderer takes some types for granted.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the renderer breaks off: %v", p)
		}
	}()
	out, _, err = o.whole(c.WithRoot(root))
	return out, err
}

// whole renders a configuration and returns the settings that it was rendered
// with.
func (o CheckOptions) whole(c *snapshot.Config) ([]object, values.Map, error) {
	if c.IsOperator() {
		return o.operator(c)
	}
	out, err := o.helm(c)
	return out, values.Map{"metadata": map[string]any{"namespace": c.Namespace()}}, err
}

// operator has Istio render everything but chart base, of which Istio would
// parse the CRDs anew each time.
func (o CheckOptions) operator(c *snapshot.Config) ([]object, values.Map, error) {
	input, err := operatorInput(c, o.Kubernetes)
	if err != nil {
		return nil, nil, err
	}
	if o.Charts != nil {
		o.ownCharts(c, input)
	}
	apart := o.baseApart(c)
	if apart {
		_ = input.SetSpecPaths("components.base.enabled=false") // where that is no map, Istio refuses it below
	}
	text, err := yaml.Marshal(input)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding: %w", err)
	}
	var sets []manifest.ManifestSet
	var merged values.Map
	err = withFile(text, func(path string) error {
		// What this Istio's validation says about another minor's fields
		// is no fault of theirs.
		sets, merged, err = render.GenerateManifest([]string{path}, nil, c.Istio != facts.Embedded(), nil, nil)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var out []object
	for _, set := range sets {
		for _, m := range set.Manifests {
			out = append(out, object{string(set.Component), m})
		}
	}
	if !apart {
		return out, merged, nil
	}
	base, err := o.base(merged)
	return append(out, base...), merged, err
}

// baseApart says whether chart base can be rendered by itself: it is a known
// one, and Istio has nothing to add to it but overlays.
func (o CheckOptions) baseApart(c *snapshot.Config) bool {
	return c.ComponentEnabled("base") && c.Effective.At("spec", "components", "base", "k8s", "overlays") == nil &&
		(o.Charts != nil || c.Root.Str("spec", "installPackagePath") == "")
}

// ownCharts has Istio take the charts and profiles of a folder, and the images
// that they name unless the user does.
func (o CheckOptions) ownCharts(c *snapshot.Config, input values.Map) {
	_ = input.SetPath("spec.installPackagePath", o.Charts.Root) // the spec is a map, or it was refused above
	spec, _ := input.GetPathMap("spec")
	for _, field := range []string{"hub", "tag"} {
		if c.Root.At("spec", field) == nil {
			delete(spec, field)
		}
	}
}

func (o CheckOptions) base(merged values.Map) ([]object, error) {
	parsed, err := o.chart("base")
	if err != nil {
		return nil, err
	}
	vals, _ := merged.GetPathMap("spec.values")
	namespace := merged.GetPathStringOr("metadata.namespace", "istio-system")
	return o.objects("Base", release{"istio", namespace, parsed}, vals)
}

func (o CheckOptions) helm(c *snapshot.Config) ([]object, error) {
	images := chartInput
	if o.Charts != nil {
		images = userInput // the charts name their own images
	}
	vals, err := images(c)
	if err != nil {
		return nil, err
	}
	parsed, err := o.chart(c.Chart)
	if err != nil {
		return nil, err
	}
	return o.objects(chartComponent(c.Chart), release{c.Release(), c.Namespace(), parsed}, vals)
}

// objects renders a chart. Its CRDs, of which parsed charts have the heads
// only, are completed or left out.
func (o CheckOptions) objects(component string, r release, vals values.Map) ([]object, error) {
	found, err := r.render(vals, o.kubernetes())
	if err != nil {
		return nil, err
	}
	var out []object
	for _, m := range found {
		if m.GetKind() != "CustomResourceDefinition" {
			out = append(out, object{component, m})
			continue
		}
		if !o.crds {
			continue
		}
		if err := charts.Complete(m.Unstructured); err != nil {
			return nil, err
		}
		out = append(out, object{component, m})
	}
	return out, nil
}
