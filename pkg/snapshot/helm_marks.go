package snapshot

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Helm's marks on the objects of a release. The label managed-by=Helm alone
// says nothing: Istio's charts write it whoever renders them.
const (
	HelmReleaseName      = "meta.helm.sh/release-name"
	HelmReleaseNamespace = "meta.helm.sh/release-namespace"
	// HelmPolicy is "keep" on what Helm leaves behind when a release goes.
	HelmPolicy = "helm.sh/resource-policy"
)

// HelmRelease is the release whose marks an object carries; not ok where it
// carries none.
func HelmRelease(o metav1.Object) (namespace, name string, ok bool) {
	marks := o.GetAnnotations()
	name = marks[HelmReleaseName]
	return marks[HelmReleaseNamespace], name, name != ""
}
