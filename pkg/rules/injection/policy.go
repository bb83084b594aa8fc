package injection

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

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
