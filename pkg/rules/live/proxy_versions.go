package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func proxyVersions() *rule.Rule {
	return &rule.Rule{
		ID: "POST003", Name: "proxy-versions", Category: "Proxies", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Verify},
		Needs:       []snapshot.Part{snapshot.Pods, snapshot.ControlPlanes},
		Summary:     "Proxies are newer than their istiod, older by more than one minor, or belong to a revision that does not run.",
		Why:         "istiod serves proxies of its own minor and the one before; with others settings are misunderstood, and without an istiod a proxy keeps what it last heard.",
		Fix:         "Upgrade the control plane first, then restart the workloads: kubectl rollout restart.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0158"},
		Run: func(p *rule.Pass) {
			planes := controlPlanes(p)
			if len(planes) == 0 {
				p.Undecidedf("no istiod is in this cluster to compare proxies with")
				return
			}
			groups, strange := map[proxyGroup][]string{}, map[string]bool{}
			for _, pod := range p.Pods {
				if c := proxyOf(pod); c != nil && lives(pod) {
					g := groupOf(pod, c, strange)
					groups[g] = append(groups[g], podName(pod))
				}
			}
			if len(strange) > 0 {
				p.Undecidedf("the version of a proxy is not told by its image: %s", rule.First(slices.Sorted(maps.Keys(strange))))
			}
			looked := 0
			for _, g := range sortedGroups(groups) {
				looked += len(groups[g])
				compareVersions(p, g, groups[g], planes)
			}
			p.Lookedf("%s fit the control plane", proxies(looked))
		},
	}
}

// proxyGroup are the proxies of one revision and minor.
type proxyGroup struct {
	revision string
	minor    facts.Minor
}

func groupOf(pod *corev1.Pod, c *corev1.Container, strange map[string]bool) proxyGroup {
	minor, ok := minorOf(c.Image)
	if !ok && !auto(c) { // POST018 speaks of that
		strange[c.Image] = true
	}
	return proxyGroup{proxyRevision(pod), minor}
}

func sortedGroups(groups map[proxyGroup][]string) []proxyGroup {
	out := make([]proxyGroup, 0, len(groups))
	for g := range groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b proxyGroup) int {
		return cmp.Or(cmp.Compare(a.revision, b.revision), cmp.Compare(a.minor.String(), b.minor.String()))
	})
	return out
}

func compareVersions(p *rule.Pass, g proxyGroup, pods []string, planes map[string]facts.Minor) {
	istiod, there := planes[g.revision]
	if g.revision == "" {
		istiod, there = newest(planes), true // such as a gateway that was not injected
	}
	who := proxies(len(pods)) + " of revision " + cmp.Or(g.revision, "default")
	at := finding.Location{Object: "Pod/" + slices.Min(pods)}
	switch {
	case !there:
		p.Reportf(at, "%s, which no istiod serves: %s", who, sorted(pods))
	case !istiod.Known():
		p.Undecidedf("the version of the istiod of revision %s is not told by its image", cmp.Or(g.revision, "default"))
	case !g.minor.Known():
	case istiod.Before(g.minor):
		p.Reportf(at, "%s %s Istio %s, newer than their istiod's %s: %s", who, runs(len(pods)), g.minor, istiod, sorted(pods))
	case g.minor.Major == istiod.Major && g.minor.Minor < istiod.Minor-1:
		p.Reportf(at, "%s %s Istio %s, more than one minor older than their istiod's %s: %s", who, runs(len(pods)), g.minor, istiod, sorted(pods)).Severity = finding.Warning
	}
}

func newest(planes map[string]facts.Minor) facts.Minor {
	var out facts.Minor
	for _, m := range planes {
		if out.Before(m) {
			out = m
		}
	}
	return out
}

func proxies(n int) string {
	if n == 1 {
		return "1 proxy"
	}
	return fmt.Sprintf("%d proxies", n)
}

func runs(n int) string {
	if n == 1 {
		return "runs"
	}
	return "run"
}
