package traffic

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func tryTimeout() *rule.Rule {
	return &rule.Rule{
		ID: "VS017", Name: "try-timeout", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "The timeout of a single try is not below the timeout of the whole request.",
		Why:     "Proxies then leave it out: a try that hangs takes all the time that there is, and no other follows.",
		Fix:     "Make timeout as long as all tries may take together, or perTryTimeout shorter.",
		Run: func(p *rule.Pass) {
			n := 0
			for _, v := range p.VirtualServices {
				for i, r := range v.Spec.GetHttp() {
					try, whole := r.GetRetries().GetPerTryTimeout().AsDuration(), r.GetTimeout().AsDuration()
					if try <= 0 || whole <= 0 {
						continue // without a timeout tries have theirs
					}
					n++
					if try >= whole {
						p.Reportf(snapshot.Place(v, fmt.Sprintf("spec.http[%d].retries.perTryTimeout", i)),
							"perTryTimeout %s is not below the timeout %s of the request: it has no effect, and no try follows one that hangs", try, whole)
					}
				}
			}
			p.Lookedf("%s with both timeouts", finding.Count(n, "route"))
		},
	}
}
