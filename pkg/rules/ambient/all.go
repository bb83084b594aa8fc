// Package ambient holds the rules about workloads and policies in ambient mode.
package ambient

import (
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Ambient mode"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// workloads are what it rests on whether pods are in ambient mode.
func workloads(more ...snapshot.Part) []snapshot.Part {
	return append(append(mesh.WorkloadParts(), snapshot.Namespaces), more...)
}

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{policyForZtunnel(), ignoredPolicy(), routeWithoutWaypoint(), missingWaypoint(), waypointOutside(), bothModes(), targetWithoutWaypoint()}
}
