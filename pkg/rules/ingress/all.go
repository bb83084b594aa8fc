// Package ingress holds the rules about gateways, Istio's and those of the Gateway API.
package ingress

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
