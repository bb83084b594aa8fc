package others

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Istio's labels that switch injection on and off.
const (
	injectionLabel = "istio-injection"
	revisionLabel  = "istio.io/rev"
	injectLabel    = "sidecar.istio.io/inject"
)

// byIstiosLabels says whether a webhook picks pods by the labels that switch
// Istio's injection on. One that only leaves pods out by them does not.
func byIstiosLabels(h *snapshot.Hook) bool {
	return picks(h.NamespaceSelector) || picks(h.ObjectSelector)
}

func picks(s *metav1.LabelSelector) bool {
	if s == nil {
		return false
	}
	for key, value := range s.MatchLabels {
		if switchesOn(key, value) {
			return true
		}
	}
	return slices.ContainsFunc(s.MatchExpressions, func(e metav1.LabelSelectorRequirement) bool {
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			return slices.ContainsFunc(e.Values, func(v string) bool { return switchesOn(e.Key, v) })
		case metav1.LabelSelectorOpExists:
			return e.Key == revisionLabel
		}
		return false
	})
}

func switchesOn(key, value string) bool {
	return key == injectionLabel && value == "enabled" || key == injectLabel && value == "true" || key == revisionLabel
}

// surelyInjects tells webhooks that speak of injection themselves: Istio's by
// their name, others by their name or path.
func surelyInjects(h *snapshot.Hook) bool {
	if h.OfIstio() {
		return true
	}
	text := h.Name + " " + h.Config.GetName()
	if ref := h.ClientConfig.Service; ref != nil && ref.Path != nil {
		text += *ref.Path
	}
	if h.ClientConfig.URL != nil {
		text += *h.ClientConfig.URL
	}
	return strings.Contains(text, "inject")
}

// witness is a pod that may be created: labels of its namespace and its own.
type witness struct {
	namespace, pod labels.Set
	// real is the name of the namespace, "" for one that could be made.
	real string
}

// witnesses are the pods by which overlaps show: every combination of Istio's
// labels, with the revisions that the webhooks speak of, in every namespace
// there is and in new ones. It is what istioctl's analysis tries, and more.
func witnesses(namespaces []*corev1.Namespace, hooks []*snapshot.Hook) []witness {
	revisions := append([]string{""}, revisionsOf(hooks)...)
	with := func(key string, values ...string) (out []labels.Set) {
		for _, v := range values {
			for _, rev := range revisions {
				set := labels.Set{}
				if v != "" {
					set[key] = v
				}
				if rev != "" {
					set[revisionLabel] = rev
				}
				out = append(out, set)
			}
		}
		return out
	}
	pods := with(injectLabel, "", "true", "false")
	var out []witness
	add := func(ns labels.Set, name string) {
		for _, pod := range pods {
			out = append(out, witness{ns, pod, name})
		}
	}
	for _, ns := range namespaces {
		add(ns.Labels, ns.Name)
	}
	for _, ns := range with(injectionLabel, "", "enabled", "disabled") {
		add(ns, "")
	}
	return out
}

func revisionsOf(hooks []*snapshot.Hook) []string {
	var out []string
	for _, h := range hooks {
		for _, s := range []*metav1.LabelSelector{h.NamespaceSelector, h.ObjectSelector} {
			if s == nil {
				continue
			}
			if rev := s.MatchLabels[revisionLabel]; rev != "" {
				out = append(out, rev)
			}
			for _, e := range s.MatchExpressions {
				if e.Key == revisionLabel {
					out = append(out, e.Values...)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
