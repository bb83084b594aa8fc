package live

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func proxiesConnected() *rule.Rule {
	return &rule.Rule{
		ID: "POST015", Name: "proxies-connected", Category: "Proxies", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.ProxyStates, snapshot.Pods, snapshot.Nodes, snapshot.ControlPlanes},
		Summary: "A pod with a proxy has run for minutes, and no istiod of this cluster has a connection from it.",
		Why:     "It works with what it last heard, or with nothing: no change reaches it, and its certificate runs out within a day.",
		Fix:     "Look at the proxy's log for errors about xDS, and at network policies between the pod and port 15012 of istiod.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			connected, all := map[string]bool{}, true
			for _, told := range p.ProxyStates {
				if told.Unknown != "" {
					p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
					all = false // the proxy may be connected to this one
				}
				for _, state := range told.Value {
					connected[state.ID] = true
				}
			}
			if all {
				unconnected(p, connected)
			}
		},
	}
}

func unconnected(p *rule.Pass, connected map[string]bool) {
	planes, pretended, looked := controlPlanes(p), pretendedNodes(p), 0
	var lost []string
	for _, pod := range p.Pods {
		if _, served := planes[proxyRevision(pod)]; !served || proxyOf(pod) == nil || !settledProxy(pod, p.Now) || pretended[pod.Spec.NodeName] {
			continue
		}
		if looked++; !connected[pod.Name+"."+pod.Namespace] {
			lost = append(lost, podName(pod))
		}
	}
	if len(lost) > 0 {
		list := sorted(lost)
		p.Reportf(finding.Location{Object: "Pod/" + lost[0]}, "no istiod has a connection from %s: %s", proxies(len(lost)), list)
	}
	p.Lookedf("%s of pods connected", proxies(looked))
}

// settledProxy says whether a pod has run for long enough to be connected.
func settledProxy(pod *corev1.Pod, now time.Time) bool {
	return lives(pod) && pod.Status.Phase == corev1.PodRunning && podReady(pod) &&
		pod.Status.StartTime != nil && now.Sub(pod.Status.StartTime.Time) > 2*ackLimit
}

// pretendedNodes are those of KWOK, such as the sandbox's, on which no program
// runs.
func pretendedNodes(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for _, n := range p.Nodes {
		scheme, _, _ := strings.Cut(n.Spec.ProviderID, ":")
		out[n.Name] = n.Annotations["kwok.x-k8s.io/node"] != "" || scheme == "kwok" || scheme == "meshctl-sandbox"
	}
	return out
}
