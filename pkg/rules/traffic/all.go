// Package traffic holds the rules about VirtualServices and DestinationRules.
package traffic

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
