package snapshot

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Hook is one admission webhook. What mutating and validating ones have in
// common is all that matters here.
type Hook struct {
	admissionv1.ValidatingWebhook
	// Config is the configuration that it belongs to.
	Config *unstructured.Unstructured

	namespaces, objects labels.Selector
}

// Hooks are the webhooks of configurations; the error names what cannot be
// understood and was left out.
func Hooks(configs ...*unstructured.Unstructured) (out []*Hook, err error) {
	for _, c := range configs {
		for _, fields := range AdmissionWebhooks(c) {
			h := &Hook{Config: c}
			if failed := h.decode(fields); failed != nil {
				err = fmt.Errorf("%s cannot be read: %w", KeyOf(c), failed)
				continue
			}
			out = append(out, h)
		}
	}
	return out, err
}

func (h *Hook) decode(fields map[string]any) (err error) {
	if err = runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &h.ValidatingWebhook); err != nil {
		return err
	}
	if h.namespaces, err = selector(h.NamespaceSelector); err != nil {
		return err
	}
	h.objects, err = selector(h.ObjectSelector)
	return err
}

// selector is that of a webhook, where none at all selects everything.
func selector(s *metav1.LabelSelector) (labels.Selector, error) {
	if s == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}

// PodHooks are the webhooks that change pods: those that the installation
// brings, and those of others in the cluster. The error names what could not be
// understood.
func (s *Snapshot) PodHooks() (own, others []*Hook, err error) {
	rendered := map[Key]bool{}
	var brought, found []*unstructured.Unstructured
	for _, m := range s.Rendered {
		if m.Object.GetKind() == mutating {
			rendered[KeyOf(m.Object)] = true
			brought = append(brought, m.Object)
		}
	}
	for _, w := range s.Webhooks {
		if w.GetKind() == mutating && !rendered[KeyOf(w)] {
			found = append(found, w)
		}
	}
	own, err = podHooks(brought)
	others, failed := podHooks(found)
	return own, others, errors.Join(err, failed)
}

func podHooks(configs []*unstructured.Unstructured) ([]*Hook, error) {
	hooks, err := Hooks(configs...)
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	return slices.DeleteFunc(hooks, func(h *Hook) bool { return !h.Asks(admissionv1.Create, pods, true) }), err
}

const mutating = "MutatingWebhookConfiguration"

// OfIstio tells Istio's own webhooks, of whichever installation.
func (h *Hook) OfIstio() bool { return ofIstio(h.Name) }

func ofIstio(webhook string) bool {
	return webhook == "istio.io" || strings.HasSuffix(webhook, ".istio.io")
}

// Mutating says whether the webhook may change objects.
func (h *Hook) Mutating() bool { return h.Config.GetKind() == mutating }

// Strict says whether the API server refuses a request where the webhook does
// not answer, which is the default.
func (h *Hook) Strict() bool {
	return h.FailurePolicy == nil || *h.FailurePolicy == admissionv1.Fail
}

// Selects says whether the webhook's selectors take an object with these
// labels in a namespace with those.
func (h *Hook) Selects(namespace, object labels.Set) bool {
	return h.namespaces.Matches(namespace) && h.SelectsObject(object)
}

// SelectsObject is Selects for an object outside of namespaces.
func (h *Hook) SelectsObject(object labels.Set) bool { return h.objects.Matches(object) }

// Asks says whether the rules of the webhook name a request.
func (h *Hook) Asks(op admissionv1.OperationType, what schema.GroupVersionResource, namespaced bool) bool {
	equivalent := h.MatchPolicy == nil || *h.MatchPolicy == admissionv1.Equivalent
	return slices.ContainsFunc(h.Rules, func(r admissionv1.RuleWithOperations) bool {
		return (slices.Contains(r.Operations, admissionv1.OperationAll) || slices.Contains(r.Operations, op)) &&
			names(r.APIGroups, what.Group) &&
			(equivalent && len(r.APIVersions) > 0 || names(r.APIVersions, what.Version)) &&
			namesResource(r.Resources, what.Resource) && inScope(r.Scope, namespaced)
	})
}

func names(list []string, name string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, name)
}

// namesResource ignores entries about subresources: "pods/exec" is not "pods",
// while "*/*" and "pods/*" are also the resource itself.
func namesResource(list []string, resource string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		name, sub, _ := strings.Cut(entry, "/")
		return (name == "*" || name == resource) && (sub == "" || sub == "*")
	})
}

func inScope(s *admissionv1.ScopeType, namespaced bool) bool {
	return s == nil || *s == admissionv1.AllScopes || (*s == admissionv1.NamespacedScope) == namespaced
}
