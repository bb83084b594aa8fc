package engine

import (
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// settled says whether a rule has nothing to report whatever a missing part
// is: it passes with each of the platforms, or each of the Kubernetes
// versions. Where another part is missing too, it is skipped each time.
func settled(r *rule.Rule, s *snapshot.Snapshot, missing snapshot.Part) bool {
	alternatives := rule.Alternatives(s, missing)
	for _, a := range alternatives {
		if result, _ := run(r, a, nil); result.Outcome != report.Passed {
			return false
		}
	}
	return len(alternatives) > 0
}
