package rendered

import (
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/engine"

	"istio.io/istio/operator/pkg/manifest"

	"github.com/meshctl/meshctl/pkg/facts"
)

// release is a chart with the name and namespace under which Helm installs it.
type release struct {
	name, namespace string
	chart           *chartv2.Chart
}

// render runs Helm's engine as Istio's own renderer does, over a chart that
// was parsed before: reading and parsing the charts anew for every
// configuration takes longer than rendering them.
func (r release) render(values map[string]any, kubernetes string) ([]manifest.Manifest, error) {
	version, err := facts.ParseMinor(kubernetes)
	if err != nil {
		return nil, err
	}
	caps := *common.DefaultCapabilities
	caps.KubeVersion = common.KubeVersion{Version: kubernetes, Major: fmt.Sprint(version.Major), Minor: fmt.Sprint(version.Minor)}
	// Templates change the values that they get, defaults included.
	own := *r.chart
	own.Values = copied(own.Values).(map[string]any)
	in, err := util.ToRenderValues(&own, values, common.ReleaseOptions{Name: r.name, Namespace: r.namespace}, &caps)
	if err != nil {
		return nil, fmt.Errorf("converting values: %w", err)
	}
	texts, err := engine.Render(&own, in)
	if err != nil {
		return nil, fmt.Errorf("render chart: %w", err)
	}
	return parse(texts)
}

// parse reads the objects from what the templates gave, in the order of the
// templates' names.
func parse(texts map[string]string) ([]manifest.Manifest, error) {
	var names []string
	for name := range texts {
		if !strings.HasSuffix(name, ".txt") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []manifest.Manifest
	for _, name := range names {
		found, err := manifest.ParseMultiple(texts[name])
		if err != nil {
			return nil, fmt.Errorf("%s gives no valid YAML: %w", name, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// copied returns a deep copy of what JSON or YAML decodes to.
func copied(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, field := range x {
			out[name] = copied(field)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = copied(item)
		}
		return out
	}
	return v
}
