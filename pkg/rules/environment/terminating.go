package environment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func terminating() *rule.Rule {
	return &rule.Rule{
		ID: "PRE021", Name: "terminating", Category: "Istio", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Namespaces, snapshot.Existing, snapshot.CRDs},
		Summary: "An object that the installation writes is being deleted, or the namespace or CRD that it needs.",
		Why:     "Nothing can be created in such a namespace, and an object that is written again is gone as soon as its finalizers are; one whose finalizer nobody removes stays for ever.",
		Fix:     "Wait until it is gone, or start what removes its finalizers; remove them by hand only where nothing is left to clean up.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			targets := map[string]bool{}
			for _, m := range p.Rendered {
				targets[m.Object.GetNamespace()] = true
			}
			for _, ns := range p.Namespaces {
				if targets[ns.Name] && ns.DeletionTimestamp != nil {
					leavingNamespace(p, ns)
				}
			}
			leaving(p, append(leavingObjects(p), leavingKinds(p)...))
			p.Lookedf("%s, and what they need", finding.Count(len(p.Rendered), "object"))
		},
	}
}

// leavingNamespace reports a namespace with what its conditions say about what
// is left in it.
func leavingNamespace(p *rule.Pass, ns *corev1.Namespace) {
	held := holders(ns)
	for _, c := range ns.Status.Conditions {
		if c.Status == corev1.ConditionTrue {
			held = append(held, strings.TrimSpace(c.Message))
		}
	}
	p.Reportf(snapshot.Place(ns, "metadata.deletionTimestamp"), "the namespace is being deleted, for %s now, and nothing can be created in it%s", since(p, ns), because(held))
}

// leavingObjects are the rendered objects that are being deleted, those in such
// a namespace aside: they go with it.
func leavingObjects(p *rule.Pass) []snapshot.Object {
	with := map[string]bool{}
	for _, ns := range p.Namespaces {
		with[ns.Name] = ns.DeletionTimestamp != nil
	}
	var out []snapshot.Object
	for _, m := range p.Rendered {
		there := p.Existing[snapshot.KeyOf(m.Object)]
		switch {
		case there.Unknown != "":
			p.Undecidedf("%s: %s", snapshot.KeyOf(m.Object), there.Unknown)
		case there.Meta != nil && there.Meta.DeletionTimestamp != nil && !with[there.Meta.Namespace] && m.Object.GetKind() != "Namespace":
			out = append(out, there.Meta)
		}
	}
	return out
}

// leavingKinds are Istio's CRDs that are being deleted and that this
// installation does not write itself, though its istiod needs them.
func leavingKinds(p *rule.Pass) []snapshot.Object {
	istiod, ours := false, map[string]bool{}
	for _, m := range p.Rendered {
		istiod = istiod || m.Object.GetKind() == "Deployment" && m.Object.GetLabels()["app"] == "istiod"
		if m.Object.GetKind() == "CustomResourceDefinition" {
			ours[m.Object.GetName()] = true
		}
	}
	var out []snapshot.Object
	for _, crd := range p.CRDs {
		_, group, _ := strings.Cut(crd.Name, ".")
		if istiod && crd.DeletionTimestamp != nil && !ours[crd.Name] && slices.Contains(istioGroups, group) {
			out = append(out, crd)
		}
	}
	return out
}

// istioGroups are the groups of what istiod reads, those of Istio's other
// programs aside.
var istioGroups = []string{"networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"}

// leaving reports objects that are being deleted; those of one kind with the
// same finalizers together.
func leaving(p *rule.Pass, all []snapshot.Object) {
	groups := map[string][]snapshot.Object{}
	var order []string
	for _, o := range all {
		key := o.GetObjectKind().GroupVersionKind().Kind + strings.Join(o.GetFinalizers(), ",")
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], o)
	}
	for _, key := range order {
		group := groups[key]
		first, others := group[0], ""
		if len(group) > 1 {
			others = fmt.Sprintf(", and %d more of its kind", len(group)-1)
		}
		p.Reportf(snapshot.Place(first, "metadata.deletionTimestamp"), "it is being deleted, for %s now%s, and what is written to it goes with it%s", since(p, first), others, because(holders(first)))
	}
}

// holders names what keeps an object from going.
func holders(o snapshot.Object) []string {
	var out []string
	for _, f := range o.GetFinalizers() {
		if f == "customresourcecleanup.apiextensions.k8s.io" {
			f += ", which waits until all objects of this kind are gone"
		}
		out = append(out, "finalizer "+f)
	}
	if ns, ok := o.(*corev1.Namespace); ok {
		for _, f := range ns.Spec.Finalizers {
			if f != corev1.FinalizerKubernetes {
				out = append(out, "finalizer "+string(f))
			}
		}
	}
	return out
}

func because(held []string) string {
	held = slices.DeleteFunc(held, func(s string) bool { return s == "" })
	if len(held) == 0 {
		return ""
	}
	return ": " + strings.Join(held[:min(len(held), 3)], "; ")
}

// since is how long ago the deletion began.
func since(p *rule.Pass, o snapshot.Object) string {
	return p.Now.Sub(o.GetDeletionTimestamp().Time).Round(time.Second).String()
}
