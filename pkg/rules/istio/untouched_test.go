package istio_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/istio"
	"github.com/meshctl/meshctl/pkg/source/files"
)

// Other rules read the same objects at the same time.
func TestAnalyzersLeaveObjectsAsTheyAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mesh.yaml")
	text := `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["./a.example.com", "*/b.example.com", shop/c.example.com]
  - port: {number: 8080, name: http-any, protocol: HTTP}
    hosts: ["*/*", "./d.example.com"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [a.example.com]
  gateways: [shop]
  http:
  - route: [{destination: {host: cart}}]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := files.LoadObjects([]string{path}, nil, "", files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	engine.Run(istio.All(nil), s, engine.Options{Stage: rule.Analyze})
	var got [][]string
	for _, server := range s.Gateways[0].Spec.GetServers() {
		got = append(got, server.GetHosts())
	}
	want := [][]string{{"./a.example.com", "*/b.example.com", "shop/c.example.com"}, {"*/*", "./d.example.com"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hosts before (-) and after (+) Istio's analyzers:\n%s", diff)
	}
}
