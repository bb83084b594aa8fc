package environment

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func limitRange() *rule.Rule {
	return &rule.Rule{
		ID: "PRE014", Name: "limit-range", Category: "Quotas and limits", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.LimitRanges},
		Summary: "A LimitRange does not allow the requests or limits of pods that are to run there.",
		Why:     "The API server refuses the pods, and the installation waits for them in vain; only events of the ReplicaSet or DaemonSet say why.",
		Fix:     "Set requests and limits within the range in the values, or change the range.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked, all := 0, workloads(p)
			for _, lr := range p.LimitRanges {
				ranges := inNamespace(p.LimitRanges, lr.Namespace)
				home := false
				for _, w := range all {
					if w.key.Namespace == lr.Namespace {
						home = true
						inRange(p, lr, w, podOf(w.pod, lr.Namespace, ranges))
					}
				}
				if home {
					looked++
				}
			}
			p.Lookedf("%s in the namespaces of %s", finding.Count(looked, "limit range"), finding.Count(len(all), "workload"))
		},
	}
}

// inRange reports what of one workload's pods is out of one limit range.
func inRange(p *rule.Pass, lr *corev1.LimitRange, w *workload, pod *corev1.Pod) {
	for i, item := range lr.Spec.Limits {
		at := snapshot.Place(lr, fmt.Sprintf("spec.limits[%d]", i))
		switch item.Type {
		case corev1.LimitTypeContainer:
			for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
				who := "container " + c.Name + " of " + w.shortName()
				judge(p, at, item, who, c.Resources.Requests, c.Resources.Limits)
				crossed(p, at, item, who, c.Resources)
			}
		case corev1.LimitTypePod:
			judge(p, at, item, "a pod of "+w.shortName(), requests(pod), limits(pod))
		}
	}
}

// crossed reports a default limit below what a container requests, which the
// API server refuses though nobody wrote it.
func crossed(p *rule.Pass, at finding.Locator, item corev1.LimitRangeItem, who string, r corev1.ResourceRequirements) {
	for _, name := range ordered(item.Default) {
		request, limit := r.Requests[name], r.Limits[name]
		if limit.Cmp(item.Default[name]) == 0 && request.Cmp(limit) > 0 {
			if most, ranged := item.Max[name]; !ranged || request.Cmp(most) <= 0 {
				p.Reportf(at, "%s requests %s of %s and sets no limit, and the range's default limit is %s, less than that; set a limit", who, request.String(), name, limit.String())
			}
		}
	}
}

// judge compares with one item of a limit range as the admission plugin does:
// what has a minimum must be requested, what has a maximum must be limited, and
// what has a ratio both.
func judge(p *rule.Pass, at finding.Locator, item corev1.LimitRangeItem, who string, requests, limits corev1.ResourceList) {
	for _, name := range ordered(item.Min) {
		least := item.Min[name]
		side(p, at, who, "request", name, requests, "at least "+least.String(), true, func(q resource.Quantity) bool { return q.Cmp(least) >= 0 })
		side(p, at, who, "limit", name, limits, "at least "+least.String(), false, func(q resource.Quantity) bool { return q.Cmp(least) >= 0 })
	}
	for _, name := range ordered(item.Max) {
		most := item.Max[name]
		side(p, at, who, "limit", name, limits, "at most "+most.String(), true, func(q resource.Quantity) bool { return q.Cmp(most) <= 0 })
		side(p, at, who, "request", name, requests, "at most "+most.String(), false, func(q resource.Quantity) bool { return q.Cmp(most) <= 0 })
	}
	for _, name := range ordered(item.MaxLimitRequestRatio) {
		most, request, limit := item.MaxLimitRequestRatio[name], requests[name], limits[name]
		switch {
		case request.IsZero() || limit.IsZero():
			p.Reportf(at, "%s sets no %s for %s, and the range allows a limit of at most %s times the request; set both", who, missing(request.IsZero()), name, most.String())
		case limit.AsApproximateFloat64() > request.AsApproximateFloat64()*most.AsApproximateFloat64():
			p.Reportf(at, "%s has a %s limit of %s and a request of %s, and the range allows a limit of at most %s times the request", who, name, limit.String(), request.String(), most.String())
		}
	}
}

func missing(request bool) string {
	if request {
		return "request"
	}
	return "limit"
}

// side reports a request or a limit that is not as it should be, or that is
// not there and has to be.
func side(p *rule.Pass, at finding.Locator, who, what string, name corev1.ResourceName, list corev1.ResourceList, wanted string, must bool, ok func(resource.Quantity) bool) {
	q, set := list[name]
	switch {
	case !set && must:
		p.Reportf(at, "%s sets no %s %s, and the range wants one of %s", who, name, what, wanted)
	case set && !ok(q):
		p.Reportf(at, "%s has a %s %s of %s, and the range wants %s", who, name, what, q.String(), wanted)
	}
}

func ordered(list corev1.ResourceList) []corev1.ResourceName {
	return slices.Sorted(maps.Keys(list))
}
