package workloads

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func ownPods() *rule.Rule {
	return &rule.Rule{
		ID: "APP009", Name: "own-pods", Category: requirements, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets},
		Summary: "The selector of a workload does not match the labels of its own pods.",
		Why:     "The API server refuses such a workload, and with it the change that it is part of.",
		Fix:     "Give spec.template.metadata.labels all that spec.selector asks for.",
		Run: func(p *rule.Pass) {
			n, added := 0, addsLabels(p)
			judge := func(o snapshot.Object, s *metav1.LabelSelector, pods map[string]string) {
				n++
				switch {
				case s != nil && len(s.MatchLabels)+len(s.MatchExpressions) > 0 && matches(s, pods):
				case added:
					p.Undecidedf("a kustomization adds labels")
				case s == nil && len(pods) == 0:
					p.Undecidedf("%s has neither a selector nor labels, as a patch of another object", snapshot.KeyOf(o))
				default:
					unlike(p, o, s, pods)
				}
			}
			for _, o := range p.Deployments {
				judge(o, o.Spec.Selector, o.Spec.Template.Labels)
			}
			for _, o := range p.StatefulSets {
				judge(o, o.Spec.Selector, o.Spec.Template.Labels)
			}
			for _, o := range p.DaemonSets {
				judge(o, o.Spec.Selector, o.Spec.Template.Labels)
			}
			p.Lookedf("%s, each selecting its own pods", finding.Count(n, "workload"))
		},
	}
}

// addsLabels says whether a kustomization among the files adds labels, to
// selectors and pods alike.
func addsLabels(p *rule.Pass) bool {
	return slices.ContainsFunc(p.Documents, func(d *document.Document) bool {
		return strings.HasPrefix(d.Root.Str("apiVersion"), "kustomize.config.k8s.io/") && (d.Root.Field("commonLabels") != nil || d.Root.Field("labels") != nil)
	})
}

// unlike reports a selector that does not match the pods.
func unlike(p *rule.Pass, o snapshot.Object, selector *metav1.LabelSelector, pods map[string]string) {
	if selector == nil {
		p.Reportf(snapshot.Place(o, "spec"), "spec.selector is missing; select the labels of the pods: %s", shownLabels(pods))
		return
	}
	if len(selector.MatchLabels)+len(selector.MatchExpressions) == 0 {
		p.Reportf(snapshot.Place(o, "spec.selector"), "the selector is empty; select the labels of the pods: %s", shownLabels(pods))
		return
	}
	if s, err := metav1.LabelSelectorAsSelector(selector); err == nil {
		p.Reportf(snapshot.Place(o, "spec.selector"), "selector %s does not match the pods, which have %s", s, shownLabels(pods))
	}
}

// matches needs no selector to be made for what nearly all have.
func matches(s *metav1.LabelSelector, pods map[string]string) bool {
	for k, v := range s.MatchLabels {
		if have, ok := pods[k]; !ok || have != v {
			return false
		}
	}
	if len(s.MatchExpressions) == 0 {
		return true
	}
	made, err := metav1.LabelSelectorAsSelector(s)
	return err != nil || made.Matches(labels.Set(pods))
}

func shownLabels(pods map[string]string) string {
	if len(pods) == 0 {
		return "no labels"
	}
	return labels.Set(pods).String()
}
