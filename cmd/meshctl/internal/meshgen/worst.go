package meshgen

import (
	"bufio"
	"io"
)

// Worst writes a mesh that is hard on an index: so many ServiceEntries whose
// wildcards overlap, so many VirtualServices on one host of one Gateway, and
// twice as many pods in one namespace.
func Worst(w io.Writer, n int) error {
	out := bufio.NewWriterSize(w, 1<<20)
	g := &generator{out: out}
	g.print(namespaceYAML, "edge")
	g.print(gatewayYAML, "edge", 0)
	for i := range n {
		g.print(wildcardEntryYAML, i, i%7)
		g.print(fragmentYAML, i)
	}
	for i := range 2 * n {
		g.print(podYAML, i, i%100)
	}
	return out.Flush()
}

const (
	wildcardEntryYAML = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: entry-%[1]d
  namespace: edge
spec:
  hosts:
  - "*.r%[2]d.example.com"
  - "*.s%[1]d.r%[2]d.example.com"
  location: MESH_EXTERNAL
  resolution: NONE
  ports:
  - number: 443
    name: tls
    protocol: TLS
---
`
	fragmentYAML = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: fragment-%[1]d
  namespace: edge
spec:
  hosts:
  - team-0.example.com
  gateways:
  - edge/public
  http:
  - match:
    - uri:
        prefix: /app-%[1]d/
    route:
    - destination:
        host: app-%[1]d.edge.svc.cluster.local
---
`
	podYAML = `apiVersion: v1
kind: Pod
metadata:
  name: pod-%[1]d
  namespace: edge
  labels:
    app: app-%[2]d
    version: v1
spec:
  containers:
  - name: app
    image: registry.example.com/app
---
`
)
