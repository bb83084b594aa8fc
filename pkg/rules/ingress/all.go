// Package ingress holds the rules about gateways, Istio's and those of the Gateway API.
package ingress

import (
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Gateways"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// edges are what rules about the proxies of gateways rest on.
func edges(more ...snapshot.Part) []snapshot.Part { return append(mesh.EdgeParts(), more...) }

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		missingName(), sameCertificate(), balancerMismatch(), noWorkload(), conflicting(), unusableCredential(),
		lostRoute(), sameListener(), sameAddress(), missingClass(), grantForNobody(), missingGrant(), portNotServed(), lostPolicy(), everywhere(),
	}
}
