package others

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Helm's marks. The label managed-by=Helm alone says nothing: Istio's charts
// write it whoever renders them.
const (
	helmRelease   = "meta.helm.sh/release-name"
	helmNamespace = "meta.helm.sh/release-namespace"
)

// owner is who takes care of an object.
type owner struct {
	// tool is what a finding calls it; name is the release, application or
	// object there.
	tool, name string
	// insists says that the tool puts back what others change.
	insists bool
}

func (o owner) String() string {
	if o.name == "" {
		return o.tool
	}
	return o.tool + " " + o.name
}

// Names of owners that rules tell apart.
const (
	helm     = "Helm release"
	istioctl = "istioctl"
)

// ownerOf finds the owner: first those that watch an object and use others to
// write it, such as Flux, whose releases carry Helm's marks too.
func ownerOf(o *metav1.PartialObjectMetadata) (owner, bool) {
	for _, find := range []func(*metav1.PartialObjectMetadata) (owner, bool){byReference, byMark, byTracking, byHelm, byIstioctl} {
		if found, ok := find(o); ok {
			return found, true
		}
	}
	return owner{}, false
}

// byReference finds a controller, such as the Sail operator's IstioRevision.
func byReference(o *metav1.PartialObjectMetadata) (owner, bool) {
	for _, ref := range o.OwnerReferences {
		group, _, _ := strings.Cut(ref.APIVersion, "/")
		switch {
		case group == "sailoperator.io" || group == "operator.istio.io":
			return owner{"the Sail operator's " + ref.Kind, ref.Name, true}, true
		case ref.Controller != nil && *ref.Controller:
			return owner{ref.Kind, ref.Name, true}, true
		}
	}
	return owner{}, false
}

// byMark finds tools that sign an object with a label or annotation of their
// own, which nobody else writes.
func byMark(o *metav1.PartialObjectMetadata) (owner, bool) {
	for _, m := range []struct{ tool, mark, namespace, name string }{
		{"Flux Kustomization", "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace", "kustomize.toolkit.fluxcd.io/name"},
		{"Flux HelmRelease", "helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace", "helm.toolkit.fluxcd.io/name"},
		{"Rancher's", "objectset.rio.cattle.io/id", "objectset.rio.cattle.io/owner-namespace", "objectset.rio.cattle.io/owner-name"},
		{"kapp app", "kapp.k14s.io/app", "", "kapp.k14s.io/app"},
		{"Config Sync", "configsync.gke.io/resource-id", "", ""},
		{"the add-on manager", "addonmanager.kubernetes.io/mode", "", ""},
	} {
		for _, marks := range []map[string]string{o.Labels, o.Annotations} {
			if mark := marks[m.mark]; mark != "" && mark != "EnsureExists" {
				return owner{m.tool, join(marks[m.namespace], marks[m.name]), true}, true
			}
		}
	}
	return owner{}, false
}

// byTracking finds Argo CD's application, if the tracking ID names the object
// itself: one that was copied along with another object means nothing. The
// label app.kubernetes.io/instance, which Argo CD can use too, is written by
// Istio's charts.
func byTracking(o *metav1.PartialObjectMetadata) (owner, bool) {
	if app := o.Labels["argocd.argoproj.io/instance"]; app != "" {
		return owner{"Argo CD application", app, true}, true
	}
	app, rest, _ := strings.Cut(o.Annotations["argocd.argoproj.io/tracking-id"], ":")
	key := snapshot.KeyOf(o)
	_, name, named := strings.Cut(rest, ":")
	if app == "" || !named || !strings.HasPrefix(rest, key.Group+"/"+key.Kind+":") || !strings.HasSuffix("/"+name, "/"+key.Name) {
		return owner{}, false
	}
	return owner{"Argo CD application", app, true}, true
}

func byHelm(o *metav1.PartialObjectMetadata) (owner, bool) {
	if name := o.Annotations[helmRelease]; name != "" {
		return owner{helm, join(o.Annotations[helmNamespace], name), false}, true
	}
	return owner{}, false
}

// byIstioctl finds the labels that istioctl and meshctl write.
func byIstioctl(o *metav1.PartialObjectMetadata) (owner, bool) {
	if o.Labels["operator.istio.io/managed"] != "" || o.Labels["operator.istio.io/component"] != "" {
		return owner{istioctl, "", false}, true
	}
	return owner{}, false
}

func join(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
