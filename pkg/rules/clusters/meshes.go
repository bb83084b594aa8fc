package clusters

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// fleet are the clusters, and which of them are one mesh.
type fleet struct {
	members []*member
	meshes  []*group
	// twice says which names turned out to be those of one cluster.
	twice []string
	// blind says of members of no mesh what could not be read.
	blind []string
}

// group are clusters that are one mesh, and what says so.
type group struct {
	members []*member
	why     []string
	// joined says that a control plane of one reads the services of another.
	joined bool
}

func newFleet(s *snapshot.Snapshot) *fleet {
	f := &fleet{}
	byUID := map[types.UID]*member{}
	for _, c := range s.Fleet {
		m := newMember(c)
		if same := byUID[m.uid()]; same != nil {
			f.twice = append(f.twice, fmt.Sprintf("%s is the cluster of %s", m.name, same.name))
			continue
		}
		if m.uid() != "" {
			byUID[m.uid()] = m
		}
		f.members = append(f.members, m)
	}
	of := map[*member]*group{}
	for _, m := range f.members {
		of[m] = &group{members: []*member{m}}
	}
	for i, a := range f.members {
		for j, b := range f.members {
			if why := f.joins(a, b); why != "" {
				merge(of, a, b, why, true)
			}
			if i < j && a.meshID != "" && a.meshID == b.meshID {
				merge(of, a, b, fmt.Sprintf("%s and %s have mesh ID %q", a.name, b.name, a.meshID), false)
			}
		}
	}
	for _, m := range f.members {
		switch g := of[m]; {
		case len(g.members) > 1 && !slices.Contains(f.meshes, g):
			slices.SortFunc(g.members, func(a, b *member) int {
				return slices.Index(f.members, a) - slices.Index(f.members, b)
			})
			f.meshes = append(f.meshes, g)
		case len(g.members) == 1:
			f.blind = append(f.blind, m.blind()...)
		}
	}
	return f
}

func merge(of map[*member]*group, a, b *member, why string, joined bool) {
	to, from := of[a], of[b]
	to.joined = to.joined || joined
	to.why = append(to.why, why)
	if to == from {
		return
	}
	to.members, to.why, to.joined = append(to.members, from.members...), append(to.why, from.why...), to.joined || from.joined
	for _, m := range from.members {
		of[m] = to
	}
}

// joins says how a control plane of one cluster comes to read another, which
// makes them one mesh; "" where it does not. A root certificate in common says
// nothing: whole companies have one.
func (f *fleet) joins(a, b *member) string {
	switch {
	case a == b:
		return ""
	case f.knows(a.remotes[b.Identity.ClusterID], a, b):
		return fmt.Sprintf("%s has a remote secret for %s", a.name, b.name)
	case f.knows(slices.Contains(b.controllers(), a.Identity.ClusterID), b, a):
		return fmt.Sprintf("the control plane of %s is that of %s", a.name, b.name)
	}
	return ""
}

// knows says whether a cluster names another by an ID that no other has.
func (f *fleet) knows(names bool, who, whom *member) bool {
	id := whom.Identity.ClusterID
	return names && id != "" && id != who.Identity.ClusterID && f.has(id) == 1
}

// has counts the clusters with an ID.
func (f *fleet) has(id string) (n int) {
	for _, m := range f.members {
		if m.Identity.ClusterID == id {
			n++
		}
	}
	return n
}

// doubts says what may keep a mesh, or a part of one, from being seen.
func (f *fleet) doubts(p *rule.Pass) {
	if len(p.Unread) > 0 {
		p.Undecidedf("%s could not be read", strings.Join(p.Unread, ", "))
	}
	if len(f.blind) > 0 && len(f.members) > 1 {
		p.Undecidedf("whether a cluster is one mesh with another: %s", strings.Join(f.blind, "; "))
	}
}

// told says which clusters were taken for one mesh.
func (f *fleet) told() string {
	if len(f.meshes) == 0 {
		return strings.Join(append(slices.Clone(f.twice), "no two clusters were taken for one mesh: none has a remote secret for another, and no two have the same mesh ID"), "; ")
	}
	out := slices.Clone(f.twice)
	for _, g := range f.meshes {
		out = append(out, fmt.Sprintf("%s are one mesh: %s", strings.Join(names(g.members), ", "), rule.First(g.why)))
	}
	return strings.Join(out, "; ")
}

// knowing is the group without those of which a part could not be read.
func (g *group) knowing(p *rule.Pass, parts []snapshot.Part) *group {
	out := *g
	out.members = slices.DeleteFunc(slices.Clone(g.members), func(m *member) bool {
		for _, part := range parts {
			if part == snapshot.Configuration && !m.primary {
				continue // a remote cluster has none of its own
			}
			if ok, why := m.Has(part); !ok {
				p.Undecidedf("%s: %s", m.name, why)
				return true
			}
		}
		return false
	})
	return &out
}

func names(members []*member) []string {
	var out []string
	for _, m := range members {
		out = append(out, m.name)
	}
	return out
}

// primaries are those with a control plane.
func (g *group) primaries() []*member {
	return slices.DeleteFunc(slices.Clone(g.members), func(m *member) bool { return !m.primary })
}
