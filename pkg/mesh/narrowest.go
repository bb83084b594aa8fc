package mesh

import "strings"

// Narrowest are the things of the narrowest wildcard that covers a host. A
// wildcard is covered by wider ones, not by itself.
func (h *Hosts[T]) Narrowest(host string) []T {
	var out []T
	b := &h.root
	for rest := strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."); rest != "" && b != nil; {
		if len(b.wild) > 0 {
			out = b.wild
		}
		var label string
		rest, label = cutLast(rest)
		b = b.children[label]
	}
	return out
}

// Covered says whether a wildcard of the registry covers a host.
func (m *Mesh) Covered(host string) bool { return len(m.registry.hosts.Narrowest(host)) > 0 }
