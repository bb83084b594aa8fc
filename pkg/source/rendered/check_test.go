package rendered_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"istio.io/istio/operator/pkg/render"

	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

const head = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  hub: docker.io/istio\n  tag: 1.31.0\n"

// TestAsIstio wants the objects that Istio's own renderer gives, though chart
// base is rendered apart and without its CRDs.
func TestAsIstio(t *testing.T) {
	for name, spec := range map[string]string{
		"default":   "  profile: default\n",
		"demo":      "  profile: demo\n  revision: canary\n",
		"ambient":   "  profile: ambient\n",
		"openshift": "  profile: openshift\n  values:\n    global:\n      istioNamespace: mesh\n",
		"overlay":   "  components:\n    base:\n      k8s:\n        overlays:\n        - kind: ServiceAccount\n          name: istio-reader-service-account\n          patches:\n          - path: metadata.labels.a\n            value: b\n",
	} {
		path := file(t, head+spec)
		sets, _, err := render.GenerateManifest([]string{path}, nil, false, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{}
		for _, set := range sets {
			for _, m := range set.Manifests {
				if m.GetKind() != "CustomResourceDefinition" {
					want[string(set.Component)+" "+snapshot.KeyOf(m.Unstructured).String()] = m.Object
				}
			}
		}
		got := map[string]any{}
		for _, m := range check(t, path).Rendered {
			if m.Object.GetKind() != "CustomResourceDefinition" {
				got[m.Component+" "+snapshot.KeyOf(m.Object).String()] = m.Object.Object
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: Istio (-) and meshctl (+) differ:\n%s", name, diff)
		}
	}
}

// TestMany renders many configurations side by side: those that say the same
// share their objects, and every value of a cause belongs to its own file.
func TestMany(t *testing.T) {
	var paths []string
	for i := range 40 {
		paths = append(paths, file(t, head+fmt.Sprintf("  values:\n    pilot:\n      autoscaleMin: %d\n", i%4+1)))
	}
	s := check(t, paths...)
	if len(s.Renderings) != len(paths) || len(s.Rendered) == 0 {
		t.Fatalf("%d renderings, %d objects", len(s.Renderings), len(s.Rendered))
	}
	for i, r := range s.Renderings {
		key := snapshot.Key{Group: "autoscaling", Kind: "HorizontalPodAutoscaler", Namespace: "istio-system", Name: "istiod"}
		causes := r.Causes("min", snapshot.Hint{Path: "spec.minReplicas"}, func(other []snapshot.Manifest) snapshot.State {
			hpa := snapshot.Find(other, key)
			if hpa == nil {
				return snapshot.Absent
			}
			if spec := hpa.Object.Object["spec"].(map[string]any); spec["minReplicas"] == int64(i%4+1) && i%4 > 0 {
				return snapshot.There
			}
			return snapshot.Gone
		})
		if len(causes) == 0 || causes[0].Location().File != paths[i] || i%4 > 0 && causes[0].Path() != "spec.values.pilot.autoscaleMin" {
			t.Errorf("%s: causes %v", paths[i], causes)
		}
	}
	if s.Renderings[0].Manifests[0].Object != s.Renderings[1].Manifests[0].Object {
		t.Error("objects that say the same are held twice")
	}
}

// TestRefusalsOneByOne wants each refusal with its own cause, and the rest
// rendered all the same.
func TestRefusalsOneByOne(t *testing.T) {
	s := check(t, file(t, head+`  meshConfig:
    proxyListenPort: 99999
    connectTimeout: 100h
  values:
    global:
      proxy:
        includeIPRanges: 10.0.0.0
`))
	var got []string
	for _, r := range s.Renderings[0].Refusals {
		for _, c := range r.Causes {
			got = append(got, c.Path())
		}
	}
	for _, want := range []string{"spec.meshConfig.proxyListenPort", "spec.meshConfig.connectTimeout", "spec.values.global.proxy.includeIPRanges"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("no refusal of %s: %v", want, got)
		}
	}
	if len(s.Rendered) == 0 {
		t.Error("the rest was not rendered")
	}
}

func check(t *testing.T, paths ...string) *snapshot.Snapshot {
	t.Helper()
	s, err := files.Load(paths, nil, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rendered.Check(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iop.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
