// Package cluster holds the rules about a cluster before an installation.
package cluster

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		kubernetesTooOld(), kubernetesUntested(), istioEndOfLife(), missingPermission(), gatewayAPIVersion(), versionNotServed(),
		upgradePath(), severalControlPlanes(), unknownKind(), podSecurityWithoutCNI(), objectRefused(), fieldConflict(), missingBase(), losingRemoval(),
	}
}
