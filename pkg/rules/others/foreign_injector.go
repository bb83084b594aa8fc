package others

import (
	"cmp"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func foreignInjector() *rule.Rule {
	return &rule.Rule{
		ID: "PRE030", Name: "foreign-injector", Category: "Webhooks", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Precheck, rule.Verify},
		Needs:       []snapshot.Part{snapshot.Rendered, snapshot.Webhooks, snapshot.Namespaces},
		Summary:     "Another webhook injects a proxy into pods that this installation injects too.",
		Why:         "A pod gets two proxies or settings of two control planes, and often does not start.",
		Fix:         "Remove the other injector, give one of both a revision, or take the namespaces out of one of both.",
		Hints:       []string{"S1", "S8"},
		Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			own, found, err := p.PodHooks()
			if err != nil {
				p.Undecidedf("%v", err)
			}
			if len(own) == 0 {
				p.Lookedf("this installation brings no injector")
				return
			}
			all := witnesses(p.Namespaces, slices.Concat(own, found))
			seen := map[snapshot.Key]bool{}
			for _, h := range found {
				if key := snapshot.KeyOf(h.Config); !seen[key] && (h.OfIstio() || byIstiosLabels(h)) {
					seen[key] = both(p, own, h, all)
				}
			}
			among(p, found, all, seen)
			otherMeshes(p, own, found)
			p.Lookedf("of %s that change pods, none takes those that this installation injects", finding.Count(len(found), "webhook"))
		},
	}
}

// among reports webhooks of Istio that are in each other's way already.
func among(p *rule.Pass, found []*snapshot.Hook, all []witness, seen map[snapshot.Key]bool) {
	var before []*snapshot.Hook
	for _, h := range found {
		if !h.OfIstio() {
			continue
		}
		key := snapshot.KeyOf(h.Config)
		rest := slices.DeleteFunc(slices.Clone(before), func(b *snapshot.Hook) bool { return snapshot.KeyOf(b.Config) == key })
		if !seen[key] {
			seen[key] = both(p, rest, h, all)
		}
		before = append(before, h)
	}
}

// overlap is what a webhook and one of this installation both take.
type overlap struct {
	witness
	own *snapshot.Hook
	// names are the namespaces there are of this kind.
	names []string
}

// both reports a webhook that takes pods which one of this installation takes,
// and says whether it did.
func both(p *rule.Pass, own []*snapshot.Hook, other *snapshot.Hook, all []witness) bool {
	found := map[string]*overlap{}
	for _, w := range all {
		if !other.Selects(w.namespace, w.pod) {
			continue
		}
		at := slices.IndexFunc(own, func(h *snapshot.Hook) bool { return h.Selects(w.namespace, w.pod) })
		if at < 0 {
			continue
		}
		kind := w.String()
		if found[kind] == nil {
			found[kind] = &overlap{w, own[at], nil}
		}
		if w.real != "" {
			found[kind].names = append(found[kind].names, w.real)
		}
	}
	if len(found) == 0 {
		return false
	}
	plain := slices.MinFunc(slices.Sorted(maps.Keys(found)), func(a, b string) int {
		return cmp.Compare(found[a].size(), found[b].size())
	})
	f := found[plain].report(p, other)
	if !surelyInjects(other) {
		f.Severity = finding.Warning
		f.Message += "; look whether it injects a proxy"
	}
	return true
}

func (o *overlap) report(p *rule.Pass, other *snapshot.Hook) *finding.Finding {
	where := ""
	if len(o.names) > 0 {
		where = ", such as " + rule.Some(o.names)
	}
	return p.Reportf(hookPlace(other, "namespaceSelector"), "webhook %s takes %s%s, and so does webhook %s of %s",
		other.Name, o.witness, where, o.own.Name, snapshot.KeyOf(o.own.Config))
}

// labels are those of Istio that a witness has.
func (w witness) labels() (namespace, pod labels.Set) {
	namespace = labels.Set{}
	for _, key := range []string{injectionLabel, revisionLabel} {
		if v, ok := w.namespace[key]; ok {
			namespace[key] = v
		}
	}
	return namespace, w.pod
}

func (w witness) size() int {
	namespace, pod := w.labels()
	return len(namespace) + len(pod)
}

// String says which pods these are.
func (w witness) String() string {
	namespace, pod := w.labels()
	text := "pods"
	if len(pod) > 0 {
		text += " with " + pod.String()
	}
	if len(namespace) == 0 {
		return text + " in namespaces without Istio's labels"
	}
	return text + " in namespaces with " + namespace.String()
}
