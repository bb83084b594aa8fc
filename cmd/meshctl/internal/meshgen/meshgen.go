// Package meshgen writes the configuration of a mesh of any size, the same for
// the same seed, for benchmarks.
package meshgen

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// Size says how much there is of a mesh.
type Size struct {
	// Services is how many Services there are, each with a Deployment, a
	// VirtualService and a DestinationRule.
	Services int
	// PerNamespace is how many of them share a namespace; 0 for 50.
	PerNamespace int
	Seed         uint64
}

// Write writes the mesh as one stream of YAML documents.
func Write(w io.Writer, size Size) error {
	if size.PerNamespace == 0 {
		size.PerNamespace = 50
	}
	out := bufio.NewWriterSize(w, 1<<20)
	g := &generator{out: out, size: size, random: rand.New(rand.NewPCG(size.Seed, size.Seed))}
	for i := range size.Services {
		if i%size.PerNamespace == 0 {
			g.namespace(i / size.PerNamespace)
		}
		g.service(i)
	}
	return out.Flush()
}

type generator struct {
	out    io.Writer
	size   Size
	random *rand.Rand
}

func (g *generator) print(format string, args ...any) { fmt.Fprintf(g.out, format, args...) }

// namespace writes what a namespace has once.
func (g *generator) namespace(n int) {
	ns := fmt.Sprintf("team-%d", n)
	g.print(namespaceYAML, ns)
	if n%2 == 0 {
		g.print(sidecarYAML, ns)
	}
	g.print(peerAuthenticationYAML, ns)
	g.print(gatewayYAML, ns, n)
}

// service writes one service with all that belongs to it.
func (g *generator) service(i int) {
	ns, name := fmt.Sprintf("team-%d", i/g.size.PerNamespace), fmt.Sprintf("app-%d", i)
	g.print(serviceYAML, name, ns)
	g.print(deploymentYAML, name, ns, g.random.IntN(20))
	g.print(destinationRuleYAML, name, ns)
	// Some call a service of another namespace.
	to, toNamespace := name, ns
	if g.random.IntN(10) == 0 {
		other := g.random.IntN(g.size.Services)
		to, toNamespace = fmt.Sprintf("app-%d", other), fmt.Sprintf("team-%d", other/g.size.PerNamespace)
	}
	g.print(virtualServiceYAML, name, ns, to, toNamespace, g.random.IntN(100))
	switch i % 10 {
	case 0, 5:
		g.print(serviceEntryYAML, name, ns)
	case 1, 6:
		g.print(authorizationPolicyYAML, name, ns)
	}
}
