// Package access holds the rules about policies that let requests in, and encryption.
package access

import (
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Categories.
const (
	category = "Authorization"
	transit  = "Encryption"
)

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// gateways are what rules about policies of gateways rest on.
func gateways(more ...snapshot.Part) []snapshot.Part {
	return append(append(mesh.EdgeParts(), snapshot.AuthorizationPolicies), more...)
}

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		gatewayLocked(), peerOfGateway(), addressBehindBalancer(),
		missingNamespace(), unknownMethod(), unknownHost(), identityWithoutTLS(), missingAccount(), missingAuthorizer(), httpOnTCP(),
		policyPort(), innerWildcard(), notStrict(), unverified(), anyHost(), unsafePattern(), peerPort(),
	}
}
