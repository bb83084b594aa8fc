package injection

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// policy is what istiod asks after a webhook has sent it a pod.
type policy struct {
	// optIn says that only pods that ask for it are injected.
	optIn         bool
	never, always []labels.Selector
}

func policyOf(c *snapshot.Config) policy {
	v := c.EffectiveValues()
	webhook := v.Field("sidecarInjectorWebhook")
	return policy{
		optIn:  v.Str("global", "proxy", "autoInject") == "disabled",
		never:  snapshot.Selectors(webhook.Field("neverInjectSelector")),
		always: snapshot.Selectors(webhook.Field("alwaysInjectSelector")),
	}
}

// injector is a webhook's pods, and what is made of them.
type injector struct {
	policy
	hooks []*snapshot.Hook
}

// told are the injectors of which the picture has what they are told: those of
// this installation, and those that run and whose ConfigMap there is.
func told(p *rule.Pass) []injector {
	own, others, err := p.PodHooks()
	if err != nil {
		p.Undecidedf("%v", err)
	}
	var out []injector
	for _, c := range p.Configs {
		if c.ComponentEnabled("pilot") {
			out = append(out, injector{policyOf(c), own})
		}
	}
	for _, c := range p.Injectors {
		i := snapshot.InjectorOf(c)
		hooks := slices.DeleteFunc(slices.Clone(others), func(h *snapshot.Hook) bool {
			return !h.OfIstio() || h.Config.GetLabels()[revisionLabel] != i.Revision
		})
		out = append(out, injector{policy{i.OptIn, i.Never, i.Always}, hooks})
	}
	return out
}

// injects says what istiod decides about a pod.
func (i policy) injects(pod *corev1.Pod) bool {
	asked := pod.Annotations[injectLabel]
	if label, ok := pod.Labels[injectLabel]; ok {
		asked = label
	}
	matches := func(list []labels.Selector) bool {
		return slices.ContainsFunc(list, func(s labels.Selector) bool { return s.Matches(labels.Set(pod.Labels)) })
	}
	switch {
	case pod.Spec.HostNetwork || slices.Contains(systemNamespaces(), pod.Namespace):
		return false
	case asked == "true" || asked == "false":
		return asked == "true"
	case matches(i.never):
		return false
	}
	return matches(i.always) || !i.optIn
}
