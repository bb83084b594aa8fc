// Package injection holds the rules about which pods become part of the mesh.
package injection

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{namespaceWithoutMesh(), noInjector(), severalLabels(), podWithoutSidecar(), missingRevision()}
}

// weight is that of a namespace which nobody injects: an error of a mesh that
// is there, and no reason to stop an installation that is still to come.
func weight(p *rule.Pass) finding.Severity {
	if after, _ := p.Has(snapshot.Live); after {
		return finding.Error
	}
	return finding.Warning
}
