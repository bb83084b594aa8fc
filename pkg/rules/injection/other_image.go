package injection

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func otherImage() *rule.Rule {
	return &rule.Rule{
		ID: "INJ009", Name: "sidecar-of-other-version", Category: category, Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Namespaces, snapshot.Pods, snapshot.Injectors, snapshot.Webhooks},
		Summary:     "Pods have a proxy of another version than the injector of their namespace would give them now.",
		Why:         "They were made before an upgrade, or by another revision, and keep that proxy, with its faults, until they are made anew.",
		Fix:         "Restart their workloads, for example with `kubectl rollout restart`.",
		Hints:       []string{"S1", "S8"},
		Equivalents: []string{"IST0158"},
		Run: func(p *rule.Pass) {
			images := map[string]string{}
			for _, c := range p.Injectors {
				i := snapshot.InjectorOf(c)
				images[i.Revision] = i.Image
			}
			if len(images) == 0 {
				p.Lookedf("no injector's configuration is in the picture")
				return
			}
			spaces, tags := map[string]*corev1.Namespace{}, tagged(p)
			for _, ns := range users(p) {
				spaces[ns.Name] = ns
			}
			old, looked := map[string]*outdated{}, 0
			for _, pod := range p.Pods {
				ns, have := spaces[pod.Namespace], proxyImage(pod)
				if ns == nil || have == "" || !lives(pod) || own(pod) {
					continue
				}
				looked++
				want := images[revisionFor(ns, pod, tags)]
				if want == "" || version(have) == version(want) {
					continue
				}
				if old[ns.Name] == nil {
					old[ns.Name] = &outdated{have: map[string]bool{}, want: version(want)}
				}
				old[ns.Name].pods = append(old[ns.Name].pods, pod.Name)
				old[ns.Name].have[version(have)] = true
			}
			for _, name := range slices.Sorted(maps.Keys(old)) {
				o := old[name]
				p.Reportf(snapshot.Place(spaces[name], "metadata.name"), "%s in namespace %s %s proxy %s, the injector has %s now: %s; restart",
					finding.Count(len(o.pods), "pod"), name, runs(len(o.pods)), rule.Some(slices.Collect(maps.Keys(o.have))), o.want, rule.Some(o.pods))
			}
			p.Lookedf("the proxies of %s", finding.Count(looked, "pod"))
		},
	}
}

// outdated are the pods of a namespace that have other versions.
type outdated struct {
	pods []string
	have map[string]bool
	want string
}

func runs(n int) string {
	if n == 1 {
		return "runs"
	}
	return "run"
}

// own says whether a pod chooses its proxy itself, or istiod makes it for a
// Gateway.
func own(pod *corev1.Pod) bool {
	return pod.Annotations["sidecar.istio.io/proxyImage"] != "" || pod.Annotations["inject.istio.io/templates"] != "" ||
		pod.Labels["gateway.istio.io/managed"] != "" || pod.Labels[injectLabel] == "false"
}

func proxyImage(pod *corev1.Pod) string {
	for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range list {
			if list[i].Name == "istio-proxy" && list[i].Image != "auto" {
				return list[i].Image
			}
		}
	}
	return ""
}

// version is what comes after an image's name, without its variant: mirrors
// have other names.
func version(image string) string {
	image = image[strings.LastIndex(image, "/")+1:]
	if _, digest, ok := strings.Cut(image, "@"); ok {
		return digest
	}
	_, tag, _ := strings.Cut(image, ":")
	for _, variant := range []string{"-distroless", "-debug"} {
		tag = strings.TrimSuffix(tag, variant)
	}
	return tag
}

// tagged are the revisions that tags stand for, by the tag.
func tagged(p *rule.Pass) map[string]string {
	out := map[string]string{}
	for _, w := range p.Webhooks {
		if tag := w.GetLabels()[tagLabel]; tag != "" {
			out[tag] = w.GetLabels()[revisionLabel]
		}
	}
	return out
}

// revisionFor is that of the injector that would take a pod now; "" for none.
func revisionFor(ns *corev1.Namespace, pod *corev1.Pod, tags map[string]string) string {
	rev := ns.Labels[revisionLabel]
	switch injection, labelled := ns.Labels[injectionLabel]; {
	case injection == enabled:
		rev = snapshot.DefaultRevision
	case labelled:
		return ""
	case rev == "":
		rev = pod.Labels[revisionLabel]
	}
	if rev == "" && pod.Labels[injectLabel] == "true" {
		rev = snapshot.DefaultRevision
	}
	if to := tags[rev]; to != "" {
		return to
	}
	return rev
}
