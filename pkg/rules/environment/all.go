// Package environment holds the rules about what a cluster itself allows:
// its admission, its quotas, its nodes, its clock.
package environment

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		podSecurity(), quota(), limitRange(), unschedulable(), nodeFeature(), priorityClass(), noMetricsAPI(), pullSecret(),
		clockSkew(), terminating(),
	}
}
