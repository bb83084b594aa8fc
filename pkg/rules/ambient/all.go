// Package ambient holds the rules about workloads and policies in ambient mode.
package ambient

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
