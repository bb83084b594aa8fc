// Package registry holds the rules about ServiceEntries.
package registry

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
