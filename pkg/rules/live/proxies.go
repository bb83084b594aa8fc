package live

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// proxyContainer is the container of a sidecar, of a gateway and of ztunnel.
const proxyContainer = "istio-proxy"

// proxyOf is the container that makes a pod part of the mesh; nil where it has
// none. A native sidecar is an init container.
func proxyOf(pod *corev1.Pod) *corev1.Container {
	for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range list {
			if list[i].Name == proxyContainer {
				return &list[i]
			}
		}
	}
	return nil
}

// lives says whether a pod runs or is about to, as against one that has ended.
func lives(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
}

// minorOf reads the Istio minor of an image's tag. Only releases are told.
func minorOf(image string) (facts.Minor, bool) {
	image, _, _ = strings.Cut(image, "@")
	_, tag, ok := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	if !ok {
		return facts.Minor{}, false
	}
	m, err := facts.ParseMinor(tag)
	if err != nil || m.Major != 1 {
		return facts.Minor{}, false // a tag of one's own, such as a date
	}
	return m, true
}

// controlPlanes are the minors of the istiods in the cluster by revision; one
// whose image does not tell has the zero minor.
func controlPlanes(p *rule.Pass) map[string]facts.Minor {
	out := map[string]facts.Minor{}
	for _, d := range p.ControlPlanes {
		m, _ := minorOf(snapshot.ControlPlaneImage(d))
		rev := d.GetLabels()["istio.io/rev"]
		if rev == "" {
			rev = "default"
		}
		out[rev] = m
	}
	return out
}

// proxyRevision is the revision that a pod's proxy asks for its configuration: the
// injector writes it into an annotation. A label may be a tag.
func proxyRevision(pod *corev1.Pod) string { return pod.Annotations["istio.io/rev"] }

func podName(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

// sorted prints names in one order, a few of them.
func sorted(names []string) string {
	slices.Sort(names)
	return rule.First(names)
}
