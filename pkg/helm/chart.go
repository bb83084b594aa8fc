package helm

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
)

// internal is the key below which the charts keep their defaults.
const internal = "_internal_defaults_do_not_set"

// bundled returns a chart of the linked module as the release publishes it:
// with the release's version, hub and tag, where the module has those of its
// tests. A chart is made anew for every use, because Helm changes it.
func bundled(name string) (*chart.Chart, error) {
	root := "charts/" + charts.Folder(name)
	var files []*loader.BufferedFile
	err := fs.WalkDir(manifests.FS, root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(manifests.FS, path)
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(path, root+"/"), Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", name, err)
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", name, err)
	}
	c.Metadata.Version, c.Metadata.AppVersion = facts.EmbeddedRelease, facts.EmbeddedRelease
	release(name, c.Values)
	return c, nil
}

// release sets the release's images in a chart's defaults. Chart gateway has
// none: its image is the injector's.
func release(chart string, values map[string]any) {
	defaults, _ := values[internal].(map[string]any)
	switch chart {
	case "istiod", "cni":
		defaults, _ = defaults["global"].(map[string]any)
	case "base", "gateway":
		return
	}
	maps.Copy(defaults, map[string]any{"hub": facts.ReleaseHub, "tag": facts.EmbeddedRelease})
}

// values are the user's values in the form that Helm reads from a file.
func values(c *snapshot.Config) (map[string]any, error) {
	data, err := c.Root.JSON()
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("decoding %s: %w", c.Name(), err)
	}
	if key := c.Root.Name(); strings.HasPrefix(key, "_internal_defaults") {
		out = map[string]any{key: out} // a copy of the chart's own values.yaml
	}
	return out, nil
}
