package traffic

import (
	"fmt"
	"slices"
	"strconv"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// maxRelated is how many routes the finding about the order points to.
const maxRelated = 20

// together is a route and the rule with its subsets, both from files.
type together struct {
	route   *mesh.VirtualService
	leg     leg // to the first of the subsets
	rule    *mesh.DestinationRule
	subsets []string
}

// adds remembers a route whose subset comes with it. Files that are the whole
// mesh are what there is, not what is to be added, and so is an object that a
// cluster has marked.
func (s *subsets) adds(v *mesh.VirtualService, l leg, r *mesh.DestinationRule) {
	if s.whole && s.Target.Context == "" || s.file(v.VirtualService) == "" || s.file(r.DestinationRule) == "" {
		return
	}
	subset := l.to.GetSubset()
	if s.Overlaid == nil && exported(v) && exported(r) || s.had(r, subset) {
		return
	}
	key := [2]string{v.Namespace + "/" + v.Name, r.Namespace + "/" + r.Name}
	i, known := s.pairs[key]
	if !known {
		i = len(s.together)
		s.pairs[key] = i
		s.together = append(s.together, together{route: v, leg: l, rule: r})
	}
	if one := &s.together[i]; !slices.Contains(one.subsets, subset) {
		one.subsets = append(one.subsets, subset)
	}
}

// exported says whether an object was written by a cluster that has it.
func exported(o snapshot.Object) bool { return o.GetUID() != "" || o.GetResourceVersion() != "" }

// had says whether the cluster's rule, which the files replace, has the subset
// already.
func (s *subsets) had(r *mesh.DestinationRule, subset string) bool {
	old, ok := s.Overlaid[snapshot.KeyOf(r.DestinationRule).String()].(*networking.DestinationRule)
	return ok && slices.ContainsFunc(old.Spec.GetSubsets(), func(have *api.Subset) bool { return have.GetName() == subset })
}

// file is where an object was read from.
func (s *subsets) file(o snapshot.Object) string {
	return s.Origins[snapshot.KeyOf(o).String()].File
}

// order prints the safe order of application: one finding for all, because it
// is one thing to do.
func (s *subsets) order() {
	if len(s.together) == 0 {
		return
	}
	var rules, routes, first, then, subsets []string
	for _, t := range s.together {
		rules, routes = append(rules, t.rule.Namespace+"/"+t.rule.Name), append(routes, t.route.Namespace+"/"+t.route.Name)
		first, then = append(first, s.file(t.rule.DestinationRule)), append(then, s.file(t.route.VirtualService))
		subsets = append(subsets, t.subsets...)
	}
	one := s.together[0]
	f := s.Reportf(snapshot.Place(one.route.VirtualService, one.leg.path()+".subset"),
		"%s apply in this order: first %s (%s), then wait some seconds until istioctl proxy-status shows all proxies SYNCED, then %s (%s)%s",
		s.areNew(subsets), counted("DestinationRule", rules), rule.Some(first), counted("VirtualService", routes), rule.Some(then), apart(first, then))
	f.Severity = finding.Info
	for _, t := range s.together[:min(len(s.together), maxRelated)] {
		f.Related = append(f.Related, finding.Related{
			Message: fmt.Sprintf("defines %s of VirtualService %s/%s", quotedSubsets(t.subsets), t.route.Namespace, t.route.Name),
			At:      s.Locate(snapshot.Place(t.rule.DestinationRule, "spec.subsets")),
		})
	}
}

// areNew says which subsets are, as the cluster tells, or may be.
func (s *subsets) areNew(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	switch {
	case s.Overlaid != nil && len(names) == 1:
		return quotedSubsets(names) + " is new:"
	case s.Overlaid != nil:
		return quotedSubsets(names) + " are new:"
	case len(names) == 1:
		return "if " + quotedSubsets(names) + " is new,"
	}
	return "if any of " + quotedSubsets(names) + " is new,"
}

func quotedSubsets(names []string) string {
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, strconv.Quote(n))
	}
	if len(quoted) == 1 {
		return "subset " + quoted[0]
	}
	return "subsets " + rule.First(quoted)
}

// apart says that a file that has both must be taken apart.
func apart(first, then []string) string {
	has := map[string]bool{}
	for _, file := range first {
		has[file] = true
	}
	if slices.ContainsFunc(then, func(file string) bool { return has[file] }) {
		return "; kubectl apply of a file that has both does not wait between them"
	}
	return ""
}

// counted names several objects of a kind.
func counted(kind string, names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 1 {
		return kind + " " + names[0]
	}
	return finding.Count(len(names), kind) + " " + rule.First(names)
}
