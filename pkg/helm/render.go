package helm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// NotRenderable says that the chart refuses the values.
type NotRenderable struct {
	Release Release
	Cause   error
}

func (e *NotRenderable) Error() string {
	return fmt.Sprintf("chart %s refuses the values of release %s: %v", e.Release.Config.Chart, e.Release, e.Cause)
}

func (e *NotRenderable) Unwrap() error { return e.Cause }

// render returns the objects of a release as Helm would send them, signed with
// the release's name. The charts leave out of an upgrade what istiod has
// written since.
func (c *Client) render(ctx context.Context, r Release, kubernetes string, upgrade bool) ([]*unstructured.Unstructured, error) {
	chart, err := bundled(r.Config.Chart)
	if err != nil {
		return nil, err
	}
	vals, err := values(r.Config)
	if err != nil {
		return nil, err
	}
	version, err := chartutil.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, fmt.Errorf("reading the server's version: %w", err)
	}
	install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	install.ReleaseName, install.Namespace = r.Name, r.Namespace
	install.ClientOnly, install.DryRun, install.KubeVersion, install.IsUpgrade = true, true, version, upgrade
	rel, err := install.Run(chart, vals)
	if err != nil {
		return nil, &NotRenderable{r, err}
	}
	objects, err := c.objects(ctx, rel.Manifest, r.Namespace)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		sign(o, r)
	}
	return objects, nil
}

// Stamp gives rendered objects the form in which Helm sends them: with the
// chart's version and the images of the release, and signed with its name.
func (c *Client) Stamp(ctx context.Context, config *snapshot.Config, kubernetes string, manifests []snapshot.Manifest) error {
	objects, err := c.render(ctx, Release{config.Release(), config.Namespace(), config}, kubernetes, false)
	if err != nil {
		return err
	}
	byKey := map[snapshot.Key]*unstructured.Unstructured{}
	for _, o := range objects {
		byKey[snapshot.KeyOf(o)] = o
	}
	for i, m := range manifests {
		if o := byKey[snapshot.KeyOf(m.Object)]; o != nil {
			manifests[i].Object = o
		}
	}
	return nil
}

// objects reads a release's manifest. Objects that name no namespace live in
// the release's.
func (c *Client) objects(ctx context.Context, manifest, namespace string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	docs := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifest), 4096)
	for {
		raw := map[string]any{}
		err := docs.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a release's manifest: %w", err)
		}
		if len(raw) == 0 {
			continue
		}
		o := &unstructured.Unstructured{Object: raw}
		if o.GetNamespace() == "" {
			if m, err := c.kube.Map(ctx, o.GroupVersionKind()); err == nil && m.Namespaced {
				o.SetNamespace(namespace)
			}
		}
		out = append(out, o)
	}
}

// The marks by which Helm knows its objects.
const (
	managedBy        = "app.kubernetes.io/managed-by"
	releaseName      = snapshot.HelmReleaseName
	releaseNamespace = snapshot.HelmReleaseNamespace
	policy           = "helm.sh/resource-policy"
)

func sign(o *unstructured.Unstructured, r Release) {
	labels, annotations := o.GetLabels(), o.GetAnnotations()
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	labels[managedBy], annotations[releaseName], annotations[releaseNamespace] = "Helm", r.Name, r.Namespace
	o.SetLabels(labels)
	o.SetAnnotations(annotations)
}

func signed(o *unstructured.Unstructured, r Release) bool {
	a := o.GetAnnotations()
	return o.GetLabels()[managedBy] == "Helm" && a[releaseName] == r.Name && a[releaseNamespace] == r.Namespace
}
