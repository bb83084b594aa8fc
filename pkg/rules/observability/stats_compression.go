package observability

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// statsAnnotation switched the compression of a pod's metrics until 1.29.
const statsAnnotation = "sidecar.istio.io/statsCompression"

func statsCompression() *rule.Rule {
	return &rule.Rule{
		ID: "OBS006", Name: "stats-compression", Category: category, Severity: finding.Info,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Pods},
		Summary: "A pod asks for metrics without compression by an annotation that Istio dropped in 1.29.",
		Why:     "Since then Envoy compresses its metrics for those who accept it, and a script that cannot unpack them reads nothing.",
		Fix:     "Set statsCompression: false in the annotation proxy.istio.io/config, or in defaultConfig of the mesh config.",
		Hints:   []string{"O3"},
		Run: func(p *rule.Pass) {
			if p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 29}) {
				return
			}
			var pods []*corev1.Pod
			for _, pod := range p.Pods {
				if pod.Annotations[statsAnnotation] == "false" {
					pods = append(pods, pod)
				}
			}
			if len(pods) > 0 {
				first := slices.MinFunc(pods, func(a, b *corev1.Pod) int { return compareNames(a, b) })
				p.Reportf(finding.Location{Object: "Pod/" + first.Namespace + "/" + first.Name, Path: "metadata.annotations"},
					"annotation %s: \"false\" has no effect since Istio 1.29; pods with it: %d, such as %s/%s", statsAnnotation, len(pods), first.Namespace, first.Name)
			}
			p.Lookedf("no pod has the annotation %s", statsAnnotation)
		},
	}
}

func compareNames(a, b *corev1.Pod) int {
	return slices.Compare([]string{a.Namespace, a.Name}, []string{b.Namespace, b.Name})
}
