// Package others holds the rules about what else lives in the cluster:
// webhooks, owners and certificates of others.
package others

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{overlappingInjectors(), operatorLeftovers(), crdOwnership(), foreignInjector(), webhookWithoutEndpoint(), otherOwner(), upgradeTouches(), caSecret()}
}
