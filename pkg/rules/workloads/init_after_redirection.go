package workloads

import (
	"cmp"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func initAfterRedirection() *rule.Rule {
	return &rule.Rule{
		ID: "INIT002", Name: "init-after-redirection", Category: initial, Severity: finding.Info,
		Stages: analyze(), Needs: pods(),
		Summary: "An init container runs after istio-init, which redirects traffic to a sidecar that is not there yet.",
		Why:     "It has no network; a template or a webhook of somebody else that adds init containers after the injector orders them so.",
		Fix:     "Keep istio-init last: let the other webhook run before the injector, or use native sidecars.",
		Hints:   []string{"P1"},
		Run: func(p *rule.Pass) {
			told, looked := map[string]bool{}, 0
			see := func(o snapshot.Object, spec *corev1.PodSpec, path string) {
				after, place := afterInit(spec)
				looked++
				if owner := ownerOf(o); place != "" && !told[owner] {
					told[owner] = true
					p.Reportf(snapshot.Place(o, path+place), "init container %s runs after istio-init, so it has no network before the sidecar starts; keep istio-init last", after)
				}
			}
			for _, w := range mesh.Of(p.Snapshot).Workloads() {
				if w.Path != "" {
					see(w.Object, w.Spec, w.Path+".")
				}
			}
			for _, pod := range p.Pods {
				see(pod, &pod.Spec, "")
			}
			p.Lookedf("the order of init containers in %s", finding.Count(looked, "form of pods"))
		},
	}
}

// ownerOf names what made an object; what has no owner names itself.
func ownerOf(o snapshot.Object) string {
	for _, ref := range o.GetOwnerReferences() {
		return ref.Kind + "/" + o.GetNamespace() + "/" + ref.Name
	}
	return snapshot.KeyOf(o).String()
}

// afterInit names the first container that runs after istio-init and before the
// sidecar, and its place; both are "" if none does.
func afterInit(spec *corev1.PodSpec) (name, path string) {
	at := slices.IndexFunc(spec.InitContainers, func(c corev1.Container) bool { return c.Name == "istio-init" })
	if at < 0 {
		return "", ""
	}
	for i, c := range spec.InitContainers[at+1:] {
		switch {
		case c.Name == "istio-proxy":
			return "", ""
		case c.Name == "enable-core-dump", runsAsProxy(spec, c):
			continue
		}
		return c.Name, "spec.initContainers[" + strconv.Itoa(at+1+i) + "]"
	}
	return "", ""
}

// runsAsProxy says whether a container's traffic is not redirected.
func runsAsProxy(spec *corev1.PodSpec, c corev1.Container) bool {
	var own, pods *int64
	if c.SecurityContext != nil {
		own = c.SecurityContext.RunAsUser
	}
	if spec.SecurityContext != nil {
		pods = spec.SecurityContext.RunAsUser
	}
	id := cmp.Or(own, pods)
	return id != nil && *id == proxyID
}
