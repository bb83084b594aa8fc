// Package rendered holds the rules about the objects that a configuration
// renders to. They are a safety net: what a rule about values already says at
// the line that causes it is not said again.
package rendered

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		doesNotRender(), apiVersion(), objectFields(), objectNames(), duplicateObject(), containerRequests(), autoscalerBounds(),
		blockedEviction(), selectsNothing(), targetPort(), imageReference(), sharedSelector(), serviceType(), scrapeScheme(), mergeAnnotation(),
		overlayMatchesNothing(),
	}
}
