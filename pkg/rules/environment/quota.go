package environment

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func quota() *rule.Rule {
	return &rule.Rule{
		ID: "PRE013", Name: "quota", Category: "Quotas and limits", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Quotas, snapshot.LimitRanges, snapshot.Deployments, snapshot.DaemonSets, snapshot.Services, snapshot.Existing},
		Summary: "A ResourceQuota leaves less than the installation adds.",
		Why:     "The API server refuses what is over the quota: objects stop the installation half-way, and missing pods leave it waiting; only events of the ReplicaSet say why.",
		Fix:     "Raise the quota by what is missing, or ask for less.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			homes := byNamespace(p)
			looked := 0
			for _, q := range p.Quotas {
				if n := homes[q.Namespace]; n != nil {
					looked++
					n.against(p, q)
				}
			}
			p.Lookedf("%s in %s", finding.Count(looked, "quota"), finding.Count(len(homes), "namespace"))
		},
	}
}

// newcomers is what the installation adds to one namespace.
type newcomers struct {
	pods    []*demand
	objects usage
	// unknown are objects of which nobody knows whether they are there.
	unknown []snapshot.Key
}

func byNamespace(p *rule.Pass) map[string]*newcomers {
	out := map[string]*newcomers{}
	in := func(namespace string) *newcomers {
		if out[namespace] == nil {
			out[namespace] = &newcomers{objects: usage{}}
		}
		return out[namespace]
	}
	for _, m := range p.Rendered {
		if m.Object.GetNamespace() != "" {
			in(m.Object.GetNamespace()).object(p, m)
		}
	}
	for _, w := range workloads(p) {
		d, n := demandOf(p, w), in(w.key.Namespace)
		n.pods = append(n.pods, d)
		if !w.isDaemonSet() && (d.update || running(p, w.key) == nil) {
			n.objects.add(usage{"count/replicasets.apps": one()}, 1)
		}
	}
	return out
}

// object counts a rendered object that is not there yet, and of a Service that
// is, what its type takes more than before.
func (n *newcomers) object(p *rule.Pass, m snapshot.Manifest) {
	key := snapshot.KeyOf(m.Object)
	there := p.Existing[key]
	switch {
	case there.Unknown != "":
		n.unknown = append(n.unknown, key)
	case there.Meta == nil:
		n.objects.add(objectUsage(m.Object), 1)
	case key.Kind == "Service":
		i := slices.IndexFunc(p.Services, func(s *corev1.Service) bool { return s.Namespace == key.Namespace && s.Name == key.Name })
		if i < 0 {
			return
		}
		have := serviceUsage(p.Services[i])
		for name, want := range serviceUsage(decodeService(m.Object)) {
			if want.Sub(have[name]); want.Sign() > 0 {
				n.objects.add(usage{name: want}, 1)
			}
		}
	}
}

// against compares what is added with what a quota leaves.
func (n *newcomers) against(p *rule.Pass, q *corev1.ResourceQuota) {
	if len(q.Spec.Hard) > 0 && len(q.Status.Hard) == 0 {
		p.Undecidedf("%s: its use is not counted yet", snapshot.KeyOf(q))
		return
	}
	scoped := len(q.Spec.Scopes) > 0 || q.Spec.ScopeSelector != nil
	steady, passing := usage{}, usage{}
	if !scoped {
		steady.add(n.objects, 1)
		passing.add(n.objects, 1)
	}
	var counts []*demand
	for _, d := range n.pods {
		if matches(q, d.pod) {
			counts = append(counts, d)
			if d.unknown != "" {
				p.Undecidedf("%s: how many pods %s adds: %s", snapshot.KeyOf(q), d.shortName(), d.unknown)
			}
			one := podUsage(d.pod)
			steady.add(one, d.more)
			passing.add(one, d.more+d.passing)
			if d.update && matches(q, d.old) {
				passing.add(one, d.kept)
				passing.add(podUsage(d.old), -d.kept)
			}
		}
	}
	for _, name := range ordered(q.Status.Hard) {
		if isCompute(name) && silent(p, q, name, counts) {
			continue
		}
		n.exceeded(p, q, name, steady, passing, scoped)
	}
}

// exceeded reports one resource of a quota.
func (n *newcomers) exceeded(p *rule.Pass, q *corev1.ResourceQuota, name corev1.ResourceName, steady, passing usage, scoped bool) {
	hard, used := q.Status.Hard[name], q.Status.Used[name]
	free := hard.DeepCopy()
	free.Sub(used)
	if free.Sign() < 0 {
		free = resource.Quantity{Format: free.Format}
	}
	at := snapshot.Place(q, "status.hard")
	want, most := steady[name], passing[name]
	switch {
	case want.Sign() > 0 && want.Cmp(free) > 0:
		p.Reportf(at, "%s: the installation adds %s in namespace %s, and the quota leaves %s (%s of %s used); raise it to %s or more",
			name, want.String(), q.Namespace, free.String(), used.String(), hard.String(), total(used, want))
	case most.Sign() > 0 && most.Cmp(free) > 0:
		f := p.Reportf(at, "%s: the update of the pods in namespace %s takes %s more, and the quota leaves %s; raise it to %s or more, or the update stands still",
			name, q.Namespace, most.String(), free.String(), total(used, most))
		f.Severity = finding.Warning
	case len(n.unknown) > 0 && !scoped && !podResource(name):
		p.Undecidedf("%s: %s may be there already or not: %s", snapshot.KeyOf(q), namedKeys(n.unknown), p.Existing[n.unknown[0]].Unknown)
	}
}

func total(used, more resource.Quantity) string {
	sum := used.DeepCopy()
	sum.Add(more)
	return sum.String()
}

// silent reports pods that do not say how much they take of what is counted,
// for which the API server refuses them.
func silent(p *rule.Pass, q *corev1.ResourceQuota, name corev1.ResourceName, pods []*demand) bool {
	var who []string
	soon := false
	for _, d := range pods {
		if containers := unsaid(d.pod, name); len(containers) > 0 && d.pod.Spec.Resources == nil {
			who = append(who, d.shortName()+" (container "+named(containers)+")")
			soon = soon || d.more > 0 || d.update
		}
	}
	if len(who) == 0 {
		return false
	}
	f := p.Reportf(snapshot.Place(q, "status.hard"), "the quota counts %s, so that pods without it are refused in namespace %s: %s; set it in the values, or give the namespace a LimitRange with a default",
		name, q.Namespace, named(who))
	if !soon { // those that run stay, until one is replaced
		f.Severity = finding.Warning
	}
	return true
}

func podResource(name corev1.ResourceName) bool {
	pod := podUsage(&corev1.Pod{})
	_, ok := pod[name]
	return ok || isCompute(name)
}
