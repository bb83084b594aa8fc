package live

import (
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func nodeAgents() *rule.Rule {
	return &rule.Rule{
		ID: "POST017", Name: "agents-on-every-node", Category: "Nodes", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.DaemonSets, snapshot.Nodes, snapshot.Pods, snapshot.Namespaces},
		Summary: "Pods of the mesh run on a node where the istio-cni or ztunnel agent that they depend on does not.",
		Why:     "New pods there do not start, or start outside the mesh, and with ztunnel away their traffic stops.",
		Fix:     "Let the DaemonSet tolerate the nodes' taints and match their labels, and look at its pods there.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			agents := 0
			mesh := meshNodes(p)
			for _, d := range p.DaemonSets {
				if kind := agentOf(d); kind != "" {
					agents++
					agent(p, d, mesh[kind])
				}
			}
			p.Lookedf("%s cover the nodes that are up and where pods of the mesh run", finding.Count(agents, "agent"))
		},
	}
}

// Agents that run on nodes.
const (
	cniAgent = "istio-cni"
	ztunnel  = "ztunnel"
)

// agentOf tells Istio's agents by the labels of their charts.
func agentOf(d *appsv1.DaemonSet) string {
	l := d.Spec.Template.Labels
	switch {
	case l["k8s-app"] == "istio-cni-node":
		return cniAgent
	case l["app"] == ztunnel:
		return ztunnel
	}
	return ""
}

// meshNodes counts, for each agent, the pods that depend on it by node.
func meshNodes(p *rule.Pass) map[string]map[string]int {
	ambient := map[string]bool{}
	for _, ns := range p.Namespaces {
		ambient[ns.Name] = ns.Labels["istio.io/dataplane-mode"] == "ambient"
	}
	out := map[string]map[string]int{cniAgent: {}, ztunnel: {}}
	for _, pod := range p.Pods {
		if pod.Spec.NodeName == "" || !lives(pod) || pod.Spec.HostNetwork {
			continue
		}
		if captured(pod, ambient) {
			out[cniAgent][pod.Spec.NodeName]++
			out[ztunnel][pod.Spec.NodeName]++
		} else if slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == "istio-validation" }) {
			out[cniAgent][pod.Spec.NodeName]++
		}
	}
	return out
}

// captured says whether ztunnel handles a pod's traffic.
func captured(pod *corev1.Pod, ambient map[string]bool) bool {
	if mode := pod.Labels["istio.io/dataplane-mode"]; mode != "" {
		return mode == "ambient"
	}
	return ambient[pod.Namespace] && proxyOf(pod) == nil
}

// agent reports the nodes where pods wait for an agent that is not there, with
// the reason that most of them share.
func agent(p *rule.Pass, d *appsv1.DaemonSet, wanted map[string]int) {
	has := map[string]bool{}
	for _, pod := range p.Pods {
		if metav1.IsControlledBy(pod, d) && lives(pod) && podReady(pod) {
			has[pod.Spec.NodeName] = true
		}
	}
	byReason := map[string][]string{}
	for _, n := range p.Nodes {
		if wanted[n.Name] > 0 && !has[n.Name] && n.Labels[corev1.LabelOSStable] != "windows" && settledNode(n, p.Now) {
			why := whyNot(d, n)
			byReason[why] = append(byReason[why], n.Name)
		}
	}
	for why, nodes := range byReason {
		p.Reportf(finding.Location{Object: "DaemonSet/" + d.Namespace + "/" + d.Name},
			"no ready pod of DaemonSet %s on %s where pods of the mesh run: %s; %s", d.Name, finding.Count(len(nodes), "node"), sorted(nodes), why)
	}
}

// settledNode says whether a node is up, and has been there for long enough to
// have started its agents. Nodes come and go all the time where something
// scales them.
func settledNode(n *corev1.Node, now time.Time) bool {
	down := slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue
	})
	return !down && now.Sub(n.CreationTimestamp.Time) > 2*ackLimit
}

func podReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// whyNot is why a DaemonSet has no pod on a node, as far as taints and the
// node selector tell.
func whyNot(d *appsv1.DaemonSet, n *corev1.Node) string {
	spec := d.Spec.Template.Spec
	for i := range n.Spec.Taints {
		taint := &n.Spec.Taints[i]
		if taint.Effect == corev1.TaintEffectPreferNoSchedule || strings.HasPrefix(taint.Key, "node.kubernetes.io/") {
			continue // the daemon set controller has its pods tolerate the node's own
		}
		if !slices.ContainsFunc(spec.Tolerations, func(t corev1.Toleration) bool { return tolerates(t, taint) }) {
			return fmt.Sprintf("it does not tolerate the taint %s", taint.ToString())
		}
	}
	for key, value := range spec.NodeSelector {
		if n.Labels[key] != value {
			return fmt.Sprintf("its nodeSelector wants %s=%s", key, value)
		}
	}
	return "its pod there is not ready, or was not made"
}

func tolerates(t corev1.Toleration, taint *corev1.Taint) bool {
	switch {
	case t.Effect != "" && t.Effect != taint.Effect, t.Key != "" && t.Key != taint.Key:
		return false
	case t.Operator == corev1.TolerationOpExists:
		return true
	}
	return t.Key != "" && t.Value == taint.Value
}
