package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func config(chart string, values map[string]any) *snapshot.Config {
	return &snapshot.Config{Chart: chart, Root: document.FromGo(values, finding.Location{File: "values.yaml"})}
}

func TestWanted(t *testing.T) {
	got, err := Wanted([]*snapshot.Config{
		config("gateway", map[string]any{"name": "shop"}), config("ztunnel", nil), config("istiod", map[string]any{"revision": "canary"}),
		config("cni", nil), config("base", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range got {
		names = append(names, r.String())
	}
	want := "istio-system/istio-base istio-system/istio-cni istio-system/istiod-canary istio-system/ztunnel istio-system/shop"
	if text := strings.Join(names, " "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestUnwanted(t *testing.T) {
	wrapped := config("istiod", nil)
	wrapped.Wrapper = &snapshot.Wrapper{}
	named := config("base", nil)
	named.ReleaseName = "istiod"
	for text, configs := range map[string][]*snapshot.Config{
		"installed by its own tool":           {wrapped},
		"no values of a Helm chart":           {config("", map[string]any{"kind": "IstioOperator"})},
		"both be release istio-system/istiod": {config("istiod", nil), named},
	} {
		var unfit *Unfit
		if _, err := Wanted(configs); !errors.As(err, &unfit) || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want an error with %q", err, text)
		}
	}
}

// TestBundled wants the charts as the release publishes them, where the module
// has the version and the images of its tests.
func TestBundled(t *testing.T) {
	for _, name := range facts.Charts() {
		c, err := bundled(name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Metadata.Name != name || c.Metadata.Version != facts.EmbeddedRelease || c.AppVersion() != facts.EmbeddedRelease {
			t.Errorf("chart %s is %s %s, app %s", name, c.Metadata.Name, c.Metadata.Version, c.AppVersion())
		}
		data, err := json.Marshal(c.Values)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); strings.Contains(text, "istio/testing") || strings.Contains(text, `"tag":"latest"`) {
			t.Errorf("chart %s has testing images: %s", name, text)
		}
	}
}

func TestRead(t *testing.T) {
	secret := func(release string) *unstructured.Unstructured {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write([]byte(release))
		w.Close()
		text := base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(packed.Bytes())))
		return &unstructured.Unstructured{Object: map[string]any{"data": map[string]any{"release": text}}}
	}
	r, ok := read(secret(`{"name": "mesh", "namespace": "istio-system", "version": 3, "info": {"status": "deployed"}, "config": {"pilot": {"autoscaleMin": 2}},
  "chart": {"metadata": {"name": "istiod", "version": "1.30.2", "appVersion": "1.30.2", "sources": ["https://github.com/istio/istio"]}}}`))
	if !ok || r.String() != "istio-system/mesh" || r.Version != "1.30.2" || r.Revision != 3 || r.Status != "deployed" || r.Config.Istio.String() != "1.30" || r.Config.Root.Str("pilot", "autoscaleMin") != "2" {
		t.Errorf("%t %+v", ok, r)
	}
	for name, other := range map[string]*unstructured.Unstructured{
		"another project's chart": secret(`{"name": "g", "chart": {"metadata": {"name": "gateway", "sources": ["https://github.com/other/gateway"]}}}`),
		"broken":                  {Object: map[string]any{"data": map[string]any{"release": "!"}}},
		"cut off":                 secret(`{"name": `),
	} {
		if _, ok := read(other); ok {
			t.Errorf("%s is taken for a release of Istio", name)
		}
	}
}
