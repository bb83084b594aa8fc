// Package ports holds the rules about Kubernetes Services: ports and protocols.
package ports

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
