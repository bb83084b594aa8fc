package traffic

import (
	"fmt"
	"slices"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// maxRelated is how many routes the finding about the order points to.
const maxRelated = 20

// together is a route and the rule with its subset, both from files.
type together struct {
	route  *mesh.VirtualService
	leg    leg
	subset *mesh.DestinationRule
}

// adds remembers a route whose subset comes with it. Files that are the whole
// mesh are what there is, not what is to be added.
func (s *subsets) adds(v *mesh.VirtualService, l leg, r *mesh.DestinationRule) {
	if s.whole && s.Target.Context == "" || s.file(v.VirtualService) == "" || s.file(r.DestinationRule) == "" {
		return
	}
	if s.had(r, l.to.GetSubset()) {
		return
	}
	if n := len(s.together); n > 0 && s.together[n-1].route == v && s.together[n-1].subset == r {
		return
	}
	s.together = append(s.together, together{v, l, r})
}

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
	var rules, routes, first, then []string
	for _, t := range s.together {
		rules, routes = append(rules, t.subset.Namespace+"/"+t.subset.Name), append(routes, t.route.Namespace+"/"+t.route.Name)
		first, then = append(first, s.file(t.subset.DestinationRule)), append(then, s.file(t.route.VirtualService))
	}
	one, is := s.together[0], "if subset %q is new,"
	if s.Overlaid != nil {
		is = "subset %q is new:" // the cluster says so
	}
	f := s.Reportf(snapshot.Place(one.route.VirtualService, one.leg.path()+".subset"),
		is+" apply in this order: first %s (%s), then wait some seconds until istioctl proxy-status shows all proxies SYNCED, then %s (%s)%s",
		one.leg.to.GetSubset(), counted("DestinationRule", rules), rule.Some(first), counted("VirtualService", routes), rule.Some(then), apart(first, then))
	f.Severity = finding.Info
	for _, t := range s.together[:min(len(s.together), maxRelated)] {
		f.Related = append(f.Related, finding.Related{
			Message: fmt.Sprintf("defines subset %q of VirtualService %s/%s", t.leg.to.GetSubset(), t.route.Namespace, t.route.Name),
			At:      s.Locate(snapshot.Place(t.subset.DestinationRule, "spec.subsets")),
		})
	}
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
