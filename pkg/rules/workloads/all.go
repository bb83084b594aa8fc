// Package workloads holds the rules about pods: labels, annotations, probes and init containers.
package workloads

import "github.com/meshctl/meshctl/pkg/rule"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{}
}
