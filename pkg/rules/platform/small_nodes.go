package platform

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// small compares the machines with what istio.io's pages about a platform ask
// for. It is advice: small meshes run on less.
func small(p *rule.Pass, platform facts.PlatformFacts) {
	cpu, memory := resource.Quantity{}, resource.Quantity{}
	for _, n := range p.Nodes {
		cpu.Add(*n.Status.Allocatable.Cpu())
		memory.Add(*n.Status.Allocatable.Memory())
		if platform.ID == "huawei" && below(n.Status.Capacity.Cpu(), "3500m") && below(n.Status.Capacity.Memory(), "7Gi") {
			p.Reportf(snapshot.KeyOf(n), "%s with %s CPUs and %s memory is smaller than the 4 CPUs and 8 GB that Istio's page about %s asks for", n.Name, n.Status.Capacity.Cpu(), n.Status.Capacity.Memory(), platform.Name).Severity = finding.Info
			return
		}
	}
	if platform.ID == "docker-desktop" && len(p.Nodes) > 0 && (below(&cpu, "4") || below(&memory, "7.5Gi")) {
		p.Reportf(snapshot.KeyOf(p.Nodes[0]), "Docker Desktop gives the cluster %s CPUs and %s memory, Istio's page about it asks for 4 CPUs and 8 GB; raise them in its settings", &cpu, &memory).Severity = finding.Info
	}
}

func below(q *resource.Quantity, limit string) bool { return q.Cmp(resource.MustParse(limit)) < 0 }
