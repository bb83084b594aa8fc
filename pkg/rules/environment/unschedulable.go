package environment

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unschedulable() *rule.Rule {
	return &rule.Rule{
		ID: "PRE015", Name: "unschedulable", Category: "Nodes", Severity: finding.Error,
		Stages: []rule.Stage{rule.Precheck},
		Needs: []snapshot.Part{snapshot.Rendered, snapshot.Nodes, snapshot.Pods, snapshot.LimitRanges, snapshot.Deployments,
			snapshot.DaemonSets, snapshot.PriorityClasses, snapshot.Autoscaler},
		Summary: "No node takes a pod that is to run: for its requests, its node selector or the nodes' taints.",
		Why:     "The pod stays pending, and the installation waits for it in vain.",
		Fix:     "Add nodes or room on them, ask for less, or set tolerations and node selectors in the values.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			s := &scheduler{Pass: p, tenants: tenants(p.Pods), adds: cmp.Or(p.AutoscaledBy, onDemand(p.Nodes))}
			s.shared = rooms(p.Nodes, s.tenants, ordinary)
			for _, w := range workloads(p) {
				d := demandOf(p, w)
				takes := withPod(requests(d.pod))
				switch {
				case w.isDaemonSet():
					s.everywhere(d, takes)
				case d.more > 0:
					s.somewhere(d, takes, d.more)
				case d.update && d.kept > 0:
					s.update(d, takes)
				}
			}
			p.Lookedf("%s, %s on them", finding.Count(len(p.Nodes), "node"), finding.Count(len(s.tenants), "pod"))
		},
	}
}

// lowest is below every priority: no pod is put out for one of it.
const lowest = -1 << 31

// ordinary is the priority of pods without a class. Those below it only keep
// room, as an autoscaler's placeholders do, and go for any pod.
const ordinary = 0

type scheduler struct {
	*rule.Pass
	tenants []tenant
	// shared is what is left while the pods of the installation are laid on
	// the nodes one after the other.
	shared []*room
	adds   string // what adds nodes; "" for nothing known
}

// somewhere looks for nodes for the pods of a Deployment. A high priority puts
// others out, so that one pod finds its place where those are the obstacle.
func (s *scheduler) somewhere(d *demand, takes corev1.ResourceList, pods int64) {
	if why, fits := s.fits(d, takes, s.tenants); !fits {
		s.weigh(s.Reportf(d.key, "no node takes a pod of it, which asks for %s: %s%s", asks(takes), s.nodes(why), s.hope()))
		return
	}
	tolerated, placed := tolerations(d.workload), int64(0)
	for ; placed < pods && s.place(d, tolerated, takes); placed++ {
	}
	if placed < pods && s.priority(d.pod) <= 0 {
		f := s.Reportf(d.key, "only %d of its %d new pods find a node, each asking for %s%s", placed, pods, asks(takes), s.hope())
		f.Severity = finding.Warning
	}
	if hasHardRules(d.pod) {
		s.Undecidedf("%s has rules about other pods on the node, which only the scheduler can judge", d.key)
	}
}

// fits says whether a node takes a pod beside the tenants that it does not put
// out, or why none does.
func (s *scheduler) fits(d *demand, takes corev1.ResourceList, beside []tenant) (why tally, ok bool) {
	tolerated, why := tolerations(d.workload), tally{}
	for _, r := range rooms(s.Nodes, beside, s.priority(d.pod)) {
		obstacles := r.obstacles(d.workload, tolerated, takes)
		ok = ok || len(obstacles) == 0
		why.add(obstacles)
	}
	return why, ok
}

// place lays one pod on the first node with room beside those laid before.
func (s *scheduler) place(d *demand, tolerated []corev1.Toleration, takes corev1.ResourceList) bool {
	for _, r := range s.shared {
		if len(r.obstacles(d.workload, tolerated, takes)) == 0 {
			r.take(takes)
			return true
		}
	}
	return false
}

// update looks for a place for the new pods: first where the old ones have
// gone, as without one the update never ends, then for the pod that comes
// before an old one goes.
func (s *scheduler) update(d *demand, takes corev1.ResourceList) {
	if why, fits := s.fits(d, takes, without(s.tenants, d.key)); !fits {
		s.weigh(s.Reportf(d.key, "no node takes a new pod of it, which asks for %s, even once the old ones are gone, so that the update never ends: %s%s", asks(takes), s.nodes(why), s.hope()))
		return
	}
	if d.passing > 0 && !s.place(d, tolerations(d.workload), takes) && s.priority(d.pod) <= 0 {
		f := s.Reportf(d.key, "no node has room for another pod of it, which asks for %s, so that an update, which starts a new pod before it ends an old one, stands still%s", asks(takes), s.hope())
		f.Severity = finding.Warning
	}
}

// everywhere looks at the nodes of a DaemonSet that have no pod of it yet, or
// an old one that makes place for the new.
func (s *scheduler) everywhere(d *demand, takes corev1.ResourceList) {
	has := map[string]bool{}
	for _, pod := range s.Pods {
		if pod.Namespace == d.key.Namespace && ownedBy(pod, "DaemonSet", d.key.Name) {
			has[pod.Spec.NodeName] = true
		}
	}
	tolerated, why := tolerations(d.workload), tally{}
	var full []string
	all := homes(d.workload, s.Nodes)
	for _, r := range rooms(all, without(s.tenants, d.key), s.priority(d.pod)) {
		if obstacles := r.lacks(takes); (d.update || !has[r.node.Name]) && len(obstacles) > 0 {
			full = append(full, r.node.Name)
			why.add(obstacles)
		}
	}
	tight := s.besides(d, all, takes)
	switch {
	case len(full) > 0:
		s.Reportf(d.key, "its pod, which asks for %s, has no room on %s: %s (%s)", asks(takes), finding.Count(len(full), "node"), named(full), why)
	case len(tight) > 0:
		f := s.Reportf(d.key, "no room for another pod of it, which asks for %s, on %s: %s; an update, which starts a new pod before it ends an old one, stands still there", asks(takes), finding.Count(len(tight), "node"), named(tight))
		f.Severity = finding.Warning
	case len(all) == 0:
		left := tally{}
		for _, n := range s.Nodes {
			left.add((&room{node: n}).obstacles(d.workload, tolerated, nil))
		}
		f := s.Reportf(d.key, "no node takes a pod of it: %s%s", s.nodes(left), s.hope())
		f.Severity = finding.Warning // it counts as ready
	}
}

// besides names the nodes without room for a new pod while the old one is there.
func (s *scheduler) besides(d *demand, all []*corev1.Node, takes corev1.ResourceList) []string {
	if d.passing == 0 {
		return nil
	}
	var tight []string
	for _, r := range rooms(all, s.tenants, s.priority(d.pod)) {
		if len(r.lacks(takes)) > 0 {
			tight = append(tight, r.node.Name)
		}
	}
	return tight
}

func (s *scheduler) nodes(why tally) string {
	if len(s.Nodes) == 0 {
		return "the cluster has no nodes"
	}
	return fmt.Sprintf("0 of %s: %s", finding.Count(len(s.Nodes), "node"), why)
}

// hope says that nodes may come.
func (s *scheduler) hope() string {
	if s.adds == "" {
		return ""
	}
	return "; " + s.adds + " may add a node"
}

func (s *scheduler) weigh(f *finding.Finding) {
	if s.adds != "" {
		f.Severity = finding.Warning
	}
}
