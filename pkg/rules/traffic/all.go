// Package traffic holds the rules about VirtualServices and DestinationRules.
package traffic

import (
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Routing"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// registryParts are what the services that the mesh knows rest on.
func registryParts(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{snapshot.Services, snapshot.ServiceEntries}, more...)
}

// workloadParts are what the workloads rest on.
func workloadParts(more ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{
		snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.CronJobs, snapshot.ReplicaSets, snapshot.Jobs, snapshot.Pods,
	}, more...)
}

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		missingSubset(), hiddenWildcard(),
		emptySubset(), severalRules(), misplacedRule(),
		missingRuleHost(), subsetWithoutLabels(), tlsMode(),
		sameHost(), sharedGatewayHost(), shortName(), regexes(), wildcardSettings(),
		missingHost(), missingGateway(), singleWeight(), repeatedDestination(), oldGatewayName(), destinationPort(),
		unreachableRule(), gatewayHost(), claimRouting(), gatewayCredential(), onlyForSidecars(), missingDelegate(), tryTimeout(), unusedRoutes(), rulePort(), matchPort(),
	}
}
