package snapshot

import "strings"

// Keeper is who takes care of an object.
type Keeper struct {
	// Tool is what a finding calls it; Name is the release, application or
	// object there.
	Tool, Name string
	// Insists says that the tool puts back what others change.
	Insists bool
	// Gone says that its release is no more: only Helm itself minds.
	Gone bool
}

func (k Keeper) String() string {
	if k.Name == "" {
		return k.Tool
	}
	return k.Tool + " " + k.Name
}

// Keepers that are told apart.
const (
	KeeperHelm     = "Helm release"
	KeeperIstioctl = "istioctl"
)

// KeeperOf finds out whose an object is: first those that watch an object and
// use others to write it, such as Flux, whose releases carry Helm's marks too.
func KeeperOf(o Object) (Keeper, bool) {
	for _, find := range []func(Object) (Keeper, bool){byReference, byMark, byTracking, KeptByHelm, byIstioctl} {
		if found, ok := find(o); ok {
			return found, true
		}
	}
	return Keeper{}, false
}

// byReference finds a controller, such as the Sail operator's IstioRevision.
func byReference(o Object) (Keeper, bool) {
	for _, ref := range o.GetOwnerReferences() {
		group, _, _ := strings.Cut(ref.APIVersion, "/")
		switch {
		case group == "sailoperator.io" || group == "operator.istio.io":
			return Keeper{Tool: "the Sail operator's " + ref.Kind, Name: ref.Name, Insists: true}, true
		case ref.Controller != nil && *ref.Controller:
			return Keeper{Tool: ref.Kind, Name: ref.Name, Insists: true}, true
		}
	}
	return Keeper{}, false
}

// byMark finds tools that sign an object with a label or annotation of their
// own, which nobody else writes.
func byMark(o Object) (Keeper, bool) {
	for _, m := range []struct{ tool, mark, namespace, name string }{
		{"Flux Kustomization", "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace", "kustomize.toolkit.fluxcd.io/name"},
		{"Flux HelmRelease", "helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace", "helm.toolkit.fluxcd.io/name"},
		{"Rancher's", "objectset.rio.cattle.io/id", "objectset.rio.cattle.io/owner-namespace", "objectset.rio.cattle.io/owner-name"},
		{"kapp app", "kapp.k14s.io/app", "", "kapp.k14s.io/app"},
		{"Config Sync", "configsync.gke.io/resource-id", "", ""},
		{"the add-on manager", "addonmanager.kubernetes.io/mode", "", ""},
	} {
		for _, marks := range []map[string]string{o.GetLabels(), o.GetAnnotations()} {
			if mark := marks[m.mark]; mark != "" && mark != "EnsureExists" {
				return Keeper{Tool: m.tool, Name: Joined(marks[m.namespace], marks[m.name]), Insists: true}, true
			}
		}
	}
	return Keeper{}, false
}

// byTracking finds Argo CD's application, if the tracking ID names the object
// itself: one that was copied along with another object means nothing. The
// label app.kubernetes.io/instance, which Argo CD can use too, is written by
// Istio's charts.
func byTracking(o Object) (Keeper, bool) {
	if app := o.GetLabels()["argocd.argoproj.io/instance"]; app != "" {
		return Keeper{Tool: "Argo CD application", Name: app, Insists: true}, true
	}
	app, rest, _ := strings.Cut(o.GetAnnotations()["argocd.argoproj.io/tracking-id"], ":")
	key := KeyOf(o)
	_, name, named := strings.Cut(rest, ":")
	if app == "" || !named || !strings.HasPrefix(rest, key.Group+"/"+key.Kind+":") || !strings.HasSuffix("/"+name, "/"+key.Name) {
		return Keeper{}, false
	}
	return Keeper{Tool: "Argo CD application", Name: app, Insists: true}, true
}

// KeptByHelm finds the release that an object belongs to.
func KeptByHelm(o Object) (Keeper, bool) {
	if namespace, name, ok := HelmRelease(o); ok {
		return Keeper{Tool: KeeperHelm, Name: Joined(namespace, name)}, true
	}
	return Keeper{}, false
}

// byIstioctl finds the labels that istioctl and meshctl write.
func byIstioctl(o Object) (Keeper, bool) {
	if o.GetLabels()["operator.istio.io/managed"] != "" || o.GetLabels()["operator.istio.io/component"] != "" {
		return Keeper{Tool: KeeperIstioctl}, true
	}
	return Keeper{}, false
}

// Joined is a name with its namespace, if it has one.
func Joined(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
