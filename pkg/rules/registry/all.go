// Package registry holds the rules about ServiceEntries and the workloads
// outside of Kubernetes.
package registry

import (
	"github.com/meshctl/meshctl/pkg/rule"
)

const category = "Service registry"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		duplicateHost(), serviceHost(), overlappingHosts(), shortHost(), sharedPort(), anyAddress(), wideAddress(), severalTCPHosts(),
		writers(), noControl(), missingAccount(), equalGroups(), noEndpoints(),
	}
}
