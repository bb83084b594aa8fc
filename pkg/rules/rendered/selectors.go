package rendered

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func selectsNothing() *rule.Rule {
	return &rule.Rule{
		ID: "MAN009", Name: "selector-matches-nothing", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered workload does not select its own pods, or a Service selects none of the pods of its component.",
		Why:     "The API server refuses such a workload; such a Service has no endpoints, so nothing answers behind it.",
		Fix:     "Give the selector and the pods the same labels.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, unselected) },
	}
}

func unselected(manifests []snapshot.Manifest) []problem {
	var out []problem
	for _, m := range manifests {
		if template, ok := podTemplate(m.Object); ok {
			out = append(out, ownPods(m.Object, template)...)
		}
		s, ok := service(m.Object)
		if !ok || len(s.Spec.Selector) == 0 {
			continue
		}
		pods, likely := selected(manifests, m, s)
		if len(pods) == 0 && likely {
			out = append(out, problem{object: m.Object, path: "spec.selector", severity: finding.Error,
				message: fmt.Sprintf("the selector %s matches the pods of no workload of component %s", labels.FormatLabels(s.Spec.Selector), m.Component)})
		}
	}
	return out
}

// ownPods wants a workload's selector to match its own template.
func ownPods(o *unstructured.Unstructured, template corev1.PodTemplateSpec) []problem {
	var selector metav1.LabelSelector
	tree, found, _ := unstructured.NestedMap(o.Object, "spec", "selector")
	if !found || !into(tree, &selector) {
		return nil
	}
	s, err := metav1.LabelSelectorAsSelector(&selector)
	if err != nil || s.Matches(labels.Set(template.Labels)) {
		return nil
	}
	return []problem{{object: o, path: "spec.selector", severity: finding.Error,
		message: fmt.Sprintf("the selector %s does not match the labels of its own pods", s)}}
}

func service(o *unstructured.Unstructured) (s corev1.Service, ok bool) {
	return s, o.GetKind() == "Service" && into(o.Object, &s)
}

// selected lists the pod templates that a Service selects. It is likely meant
// for them where its component has a workload in the same namespace: the
// Service of a remote istiod, for one, has none.
func selected(manifests []snapshot.Manifest, of snapshot.Manifest, s corev1.Service) (pods []corev1.PodTemplateSpec, likely bool) {
	selector := labels.SelectorFromSet(s.Spec.Selector)
	for _, m := range manifests {
		template, ok := podTemplate(m.Object)
		if !ok || m.Object.GetNamespace() != s.Namespace {
			continue
		}
		likely = likely || m.Component == of.Component && strings.HasPrefix(s.Name, m.Object.GetName())
		if selector.Matches(labels.Set(template.Labels)) {
			pods = append(pods, template)
		}
	}
	return pods, likely
}

func targetPort() *rule.Rule {
	return &rule.Rule{
		ID: "MAN010", Name: "target-port", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered Service sends a port to a named port that no container has.",
		Why:     "The Service has no endpoint for that port, so connections to it are refused.",
		Fix:     "Use the number of a port, or the name of a port that a container has.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, targets) },
	}
}

// targets judges names only: a container listens on ports that it does not
// declare, and a gateway opens those that its configuration asks for.
func targets(manifests []snapshot.Manifest) []problem {
	var out []problem
	for _, m := range manifests {
		s, ok := service(m.Object)
		if !ok {
			continue
		}
		pods, _ := selected(manifests, m, s)
		for i, port := range s.Spec.Ports {
			if port.TargetPort.Type != intstr.String || len(pods) == 0 || declares(pods, port.TargetPort.StrVal) {
				continue
			}
			out = append(out, problem{
				object: m.Object, path: fmt.Sprintf("spec.ports[%d].targetPort", i), text: port.TargetPort.StrVal, severity: finding.Error,
				message: fmt.Sprintf("port %d goes to the named port %q, which no container of its pods has", port.Port, port.TargetPort.StrVal),
			})
		}
	}
	return out
}

// declares says whether any container has a port with a name. Injected ones
// are not known yet.
func declares(pods []corev1.PodTemplateSpec, name string) bool {
	for _, pod := range pods {
		for _, c := range containers(pod) {
			if c.Image == injected && strings.HasPrefix(name, "http-envoy") {
				return true
			}
			for _, p := range c.Ports {
				if p.Name == name {
					return true
				}
			}
		}
	}
	return false
}
