package rule

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Alternatives are a snapshot as it could be if a part that is missing were
// known: one for each platform, or for each Kubernetes version. They are nil
// for parts of which nobody can list what they may be.
func Alternatives(s *snapshot.Snapshot, part snapshot.Part) []*snapshot.Snapshot {
	var out []*snapshot.Snapshot
	switch part {
	case snapshot.Platform:
		for _, id := range facts.PlatformIDs() {
			target := s.Target
			target.Platform = id
			out = append(out, s.Assume(part, target))
		}
	case snapshot.ServerVersion:
		for _, minor := range kubernetesVersions() {
			target := s.Target
			target.Kubernetes = minor.String() + ".0"
			out = append(out, s.Assume(part, target))
		}
	}
	return out
}

// kubernetesVersions are those that any known Istio minor runs on, and the one
// that comes after them.
func kubernetesVersions() []facts.Minor {
	releases := facts.Releases()
	first, last := releases[0].Minimum, releases[len(releases)-1].KubernetesTo
	last.Minor++
	var out []facts.Minor
	for m := first; !last.Before(m); m.Minor++ {
		out = append(out, m)
	}
	return out
}
