// Package clusters holds the rules about several clusters beside one another.
// Clusters in one kubeconfig need not be one mesh, so most rules look only at
// those of which something says that they are.
package clusters

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Several clusters"

// All returns the rules of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		servicePorts(), serviceKind(), clusterID(), trustDomain(), roots(), network(), oneWay(), meshID(), versions(),
	}
}

// evidence is what tells which clusters are one mesh.
func evidence(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{snapshot.Fleet, snapshot.ControlPlanes, snapshot.Identities, snapshot.Namespaces, snapshot.Secrets}, more...)
}

// about completes a rule about the clusters of one mesh.
func about(r rule.Rule, judge func(*rule.Pass, *group), more ...snapshot.Part) *rule.Rule {
	r.Category, r.Stages, r.Needs = category, []rule.Stage{rule.Fleet}, evidence(more...)
	r.Run = func(p *rule.Pass) {
		f := snapshot.Derived(p.Snapshot, newFleet)
		f.doubts(p)
		for _, g := range f.meshes {
			if known := g.knowing(p, more); len(known.members) > 1 {
				judge(p, known)
			}
		}
		p.Lookedf("%s", f.told())
	}
	return &r
}

// at is the place of an object of a cluster, or of a field in it.
func (m *member) at(o snapshot.Object, path string) finding.Location {
	return m.Locate(snapshot.Place(o, path))
}

// root is the namespace of the control plane as a place.
func (m *member) root(path string) finding.Location {
	return m.Locate(finding.Location{Object: "Namespace/" + m.Root, Path: path})
}

// config is a field of the mesh config as a place.
func (m *member) config(path string) finding.Location {
	if m.MeshConfigMap == "" {
		return m.root("")
	}
	return m.Locate(finding.Location{Path: path})
}
