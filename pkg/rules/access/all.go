// Package access holds the rules about policies that let requests in, and encryption.
package access

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
