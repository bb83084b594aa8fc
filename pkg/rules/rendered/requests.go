package rendered

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func containerRequests() *rule.Rule {
	return &rule.Rule{
		ID: "MAN006", Name: "container-requests", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered container requests more than its own limit.",
		Why:     "The API server refuses every pod of the workload, while the workload itself is accepted.",
		Fix:     "Raise the limit or lower the request.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, single(aboveLimits)) },
	}
}

func aboveLimits(o *unstructured.Unstructured) []problem {
	template, ok := podTemplate(o)
	if !ok {
		return nil
	}
	var out []problem
	for _, c := range containers(template) {
		for _, name := range slices.Sorted(maps.Keys(c.Resources.Requests)) {
			request := c.Resources.Requests[name]
			limit, limited := c.Resources.Limits[name]
			if limited && request.Cmp(limit) > 0 {
				out = append(out, problem{
					path: c.path + ".resources.requests." + string(name), text: request.String(), severity: finding.Error,
					message: fmt.Sprintf("container %s requests %s of %s, which is more than its limit %s", c.Name, request.String(), name, limit.String()),
				})
			}
		}
	}
	return out
}
