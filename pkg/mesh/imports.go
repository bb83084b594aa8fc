package mesh

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/host"
)

// Import is one host that a Sidecar lists under egress, such as payments/* or
// ./cart.shop.svc.cluster.local.
type Import struct {
	// Namespace is "*" for any; "." is replaced by the Sidecar's.
	Namespace, Host string
	// Excluded says that the host is taken out of what others import, as
	// ~legacy/* does.
	Excluded bool
	// Own says that it was written with ".".
	Own bool
	// Text is what is written, Path where.
	Text, Path string
}

// Imports are the egress hosts of a Sidecar, read as istiod does; what has no
// slash istiod leaves out.
func Imports(s *networking.Sidecar) []Import {
	var out []Import
	for i, listener := range s.Spec.GetEgress() {
		for j, text := range listener.GetHosts() {
			if strings.Count(text, "/") != 1 {
				continue
			}
			space, name, _ := strings.Cut(text, "/")
			one := Import{Host: name, Text: text, Path: fmt.Sprintf("spec.egress[%d].hosts[%d]", i, j)}
			if rest, ok := strings.CutPrefix(space, "~"); ok {
				one.Excluded, space = true, cmp.Or(rest, "*")
			}
			one.Namespace = space
			if space == "." {
				one.Namespace, one.Own = s.Namespace, true
			}
			out = append(out, one)
		}
	}
	return out
}

// All says whether it imports everything there is.
func (i Import) All() bool { return i.Namespace == "*" && i.Host == "*" && !i.Excluded }

// Takes says whether it is about a host of a namespace.
func (i Import) Takes(name, namespace string) bool {
	return (i.Namespace == "*" || i.Namespace == namespace) && host.Name(name).SubsetOf(host.Name(i.Host))
}

// Restricts says whether a Sidecar keeps something of the mesh from its
// workloads. One without egress imports everything.
func Restricts(s *networking.Sidecar) bool {
	imports := Imports(s)
	excludes := slices.ContainsFunc(imports, func(i Import) bool { return i.Excluded })
	return len(s.Spec.GetEgress()) > 0 && (excludes || !slices.ContainsFunc(imports, Import.All))
}

// sidecars are those that hold for whole namespaces, by namespace.
type sidecars map[string]*networking.Sidecar

func newSidecars(m *Mesh) sidecars {
	out := sidecars{}
	for _, s := range m.Sidecars {
		// istiod asks whether the selector is there, not whether it is empty; an
		// empty one selects all as well.
		if len(s.Spec.GetWorkloadSelector().GetLabels()) > 0 {
			continue
		}
		if known := out[s.Namespace]; known == nil || Older(s, known) < 0 {
			out[s.Namespace] = s
		}
	}
	return out
}

// SidecarOf is the Sidecar for the workloads of a namespace that no selector
// takes: the namespace's own, not that of the root namespace; nil for none.
func (m *Mesh) SidecarOf(namespace string) *networking.Sidecar { return m.sidecars[namespace] }
