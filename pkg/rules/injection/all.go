// Package injection holds the rules about which pods become part of the mesh.
package injection

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{namespaceWithoutMesh(), noInjector(), severalLabels(), podWithoutSidecar(), missingRevision(), imageAuto(), otherImage(), webhookService(), webhookAddress(), labelValue()}
}
