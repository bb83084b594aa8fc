package files

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

const cachedMesh = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: [{name: http, port: 9080}]
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop}
- apiVersion: networking.istio.io/v1
  kind: DestinationRule
  metadata: {name: reviews, namespace: shop}
  spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: tls, namespace: shop}
stringData: {tls.key: hunter2}
---
# meshctl:ignore VS001 until=2030-01-01 moving
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: broken, namespace: shop}
spec: {ports: http}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks: []
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: grpcroutes.gateway.networking.k8s.io}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data: {values: "{}"}
---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec: {profile: minimal}
`

// TestCache changes files in every way that moves or replaces something, and
// wants what was remembered to be what a first reading sees.
func TestCache(t *testing.T) {
	dir, cache := t.TempDir(), &Cache{}
	one, two := filepath.Join(dir, "one.yaml"), filepath.Join(dir, "two.yaml")
	edit := func(path string, pairs ...string) func() {
		return func() {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			put(t, path, strings.NewReplacer(pairs...).Replace(string(text)))
		}
	}
	for _, step := range []struct {
		name   string
		change func()
	}{
		{"first", func() { put(t, one, cachedMesh) }},
		{"unchanged", func() {}},
		{"a line above all", edit(one, "apiVersion: v1\nkind: Service\nmetadata: {name: reviews", "# shop\napiVersion: v1\nkind: Service\nmetadata: {name: reviews")},
		{"one field", edit(one, "port: 9080", "port: 9081")},
		{"back", edit(one, "port: 9081", "port: 9080")},
		{"in a list", edit(one, "version: v1", "version: v2")},
		{"a secret", edit(one, "hunter2", "hunter3")},
		{"mended", edit(one, "ports: http}", "ports: []}")},
		{"broken YAML", edit(one, "spec:\n  ports", "spec:\n\tports")},
		{"the same objects in a second file", func() { put(t, two, cachedMesh) }},
		{"without the first", func() {
			if err := os.Remove(one); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		step.change()
		want, got := pictureOf(t, dir, nil), pictureOf(t, dir, cache)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: read anew (-) and with what was known (+):\n%s", step.name, diff)
		}
	}
	for _, objects := range cache.met {
		for _, o := range objects {
			if len(o.Text) > 0 {
				t.Errorf("the text of %s is kept", o.object)
			}
		}
	}
}

// TestCacheSpares wants what did not change to be the same object, not one
// that was read again.
func TestCacheSpares(t *testing.T) {
	path, cache := filepath.Join(t.TempDir(), "mesh.yaml"), &Cache{}
	put(t, path, cachedMesh)
	before := load(t, path, cache)
	put(t, path, strings.Replace(cachedMesh, "9080", "9090", 1))
	after := load(t, path, cache)
	if before.DestinationRules[0] != after.DestinationRules[0] || before.Services[0] == after.Services[0] {
		t.Error("the DestinationRule was read again, or the changed Service was not")
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, path string, c *Cache) *snapshot.Snapshot {
	t.Helper()
	s, err := LoadObjects([]string{path}, nil, "", Options{Cache: c})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pictureOf is all that rules see of files.
func pictureOf(t *testing.T, path string, c *Cache) map[string]string {
	t.Helper()
	s := load(t, path, c)
	out := map[string]string{}
	say := func(name string, what any) {
		text, err := json.MarshalIndent(what, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	say("objects", s.Objects)
	say("origins", maps.Clone(s.Origins))
	say("malformed", s.Malformed)
	say("webhooks", s.Webhooks)
	say("definitions and injectors", []any{s.CRDs, s.Injectors})
	say("replaced", s.Replaced)
	for _, d := range s.Documents {
		say(fmt.Sprintf("document %s:%d", d.File, d.Line), []any{d.Comments, d.Problems})
	}
	say("configurations", len(s.Configs))
	return out
}
