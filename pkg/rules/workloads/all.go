// Package workloads holds the rules about pods: labels, annotations, probes and init containers.
package workloads

import (
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// The headings under which findings are printed.
const (
	requirements = "Workloads"
	annotations  = "Annotations"
	probes       = "Probes"
	initial      = "Init containers"
	labelling    = "Injection"
)

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// pods are the parts that tell which workloads there are, and which of them are
// in the mesh, and others that a rule names.
func pods(others ...snapshot.Part) []snapshot.Part {
	return append([]snapshot.Part{
		snapshot.Namespaces, snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.ReplicaSets,
		snapshot.Jobs, snapshot.CronJobs, snapshot.Pods,
	}, others...)
}

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		reservedUser(), applicationName(), applicationVersion(), severalServices(), reservedPort(), serviceWithoutPods(), initForbidden(), ownPods(),
		probeNotRewritten(), probePort(), probeAlwaysPasses(), probesKeptOut(),
		initWithoutNetwork(), initAfterRedirection(), defaultLabelled(),
		bypassingAnnotation(), unknownAnnotation(), deprecatedAnnotation(), annotationValue(), proxyConfigAnnotation(),
	}
}
