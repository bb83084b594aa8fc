package platform

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// agentsPlace goes by what the vendors say of nodes without a machine: no pod
// of a DaemonSet runs on Fargate, on virtual nodes of OKE, nor on those of a
// virtual kubelet.
func agentsPlace() *rule.Rule {
	return &rule.Rule{
		ID: "PLT006", Name: "nodes-without-agents", Category: "Platform", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Nodes, snapshot.Platform},
		Summary: "Agents of the mesh are to be installed, and some nodes cannot run them.",
		Why:     "Nothing captures the traffic of pods there: they are outside the mesh, or with istio-cni alone they do not start.",
		Fix:     "Keep workloads of the mesh on other nodes, by a node selector or a taint.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			agent := ""
			for _, name := range []string{"cni", "ztunnel"} {
				if installed(p, name) {
					agent = name
				}
			}
			without, serverless := agentless(p.Nodes)
			p.Lookedf("%d nodes, %d of them without a machine", len(p.Nodes), len(without))
			switch {
			case agent == "" || len(without) == 0:
			case len(without) == len(p.Nodes):
				p.Reportf(snapshot.KeyOf(serverless), "no node can run %s: %s", agent, rule.First(without)).Severity = finding.Error
			default:
				p.Reportf(snapshot.KeyOf(serverless), "%s cannot run %s, so pods there are not in the mesh", rule.First(without), agent)
			}
			if agent != "" {
				autopilot(p, agent)
			}
		},
	}
}

func agentless(nodes []*corev1.Node) (names []string, first *corev1.Node) {
	for _, n := range nodes {
		if (facts.NodeFacts{Labels: n.Labels}).Virtual() {
			names = append(names, n.Name)
			if first == nil {
				first = n
			}
		}
	}
	return names, first
}

// autopilot reports GKE's Autopilot, whose nodes are called gk3-: istio.io says
// that the agents lack rights there. What Google admits has grown since, so it
// is a warning.
func autopilot(p *rule.Pass, agent string) {
	if p.Target.Platform != "gke" {
		return
	}
	for _, n := range p.Nodes {
		if strings.HasPrefix(n.Name, "gk3-") {
			p.Reportf(snapshot.KeyOf(n), "the cluster is in Autopilot mode, which refuses the rights that %s needs on nodes unless it is on an allowlist; use istio-init", agent)
			return
		}
	}
}
