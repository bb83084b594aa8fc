package live

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func imageAuto() *rule.Rule {
	return &rule.Rule{
		ID: "POST018", Name: "pod-not-injected", Category: "Proxies", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Pods},
		Summary: "A pod was started with the image auto, which the injector should have replaced.",
		Why:     "The kubelet looks for an image of that name in vain; a gateway made before istiod's webhook was ready stays so until its pods are made anew.",
		Fix:     "Check the injector (POST006, POST010), then restart: kubectl rollout restart.",
		Hints:   []string{"S8"},
		Run: func(p *rule.Pass) {
			byNamespace, looked := map[string][]string{}, 0
			for _, pod := range p.Pods {
				c := proxyOf(pod)
				if c == nil || !lives(pod) {
					continue
				}
				if looked++; auto(c) {
					byNamespace[pod.Namespace] = append(byNamespace[pod.Namespace], pod.Name)
				}
			}
			for namespace, pods := range byNamespace {
				list := sorted(pods)
				p.Reportf(finding.Location{Object: "Pod/" + namespace + "/" + pods[0], Path: "spec.containers[istio-proxy].image"},
					"%s in namespace %s %s image auto, so no webhook injected them: %s", finding.Count(len(pods), "pod"), namespace, runs(len(pods)), list)
			}
			p.Lookedf("%s have an image that the injector gave them", proxies(looked))
		},
	}
}

func auto(c *corev1.Container) bool { return c.Image == "auto" }
