package ports

import (
	"fmt"

	"istio.io/istio/pkg/config/protocol"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func protocolFilterOff() *rule.Rule {
	return &rule.Rule{
		ID: "SVC007", Name: "protocol-filter-off", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services},
		Summary: "A port is declared mysql, redis or mongo, and istiod's filter for that protocol is off.",
		Why:     "istiod then treats it as plain TCP: no metrics and no settings of that protocol.",
		Fix:     "Declare tcp, or switch the filter on with PILOT_ENABLE_MYSQL_FILTER, PILOT_ENABLE_REDIS_FILTER or PILOT_ENABLE_MONGO_FILTER.",
		Hints:   []string{"S14"},
		Run: func(p *rule.Pass) {
			off := filtersOff(p)
			for _, s := range services(p.Snapshot) {
				for i, port := range s.Spec.Ports {
					if variable := off[declared(port)]; variable != "" {
						p.Reportf(snapshot.Place(s, undeclaredPath(port, i)), "port %s is declared %s, but istiod treats it as plain TCP; declare tcp, or set %s to true", portName(port), declared(port), variable)
						break
					}
				}
			}
			p.Lookedf("the ports of %s", finding.Count(len(p.Services), "Service"))
		},
	}
}

// filtersOff are the protocols that istiod treats as plain TCP, with the
// variable that changes that.
func filtersOff(p *rule.Pass) map[protocol.Instance]string {
	off := map[protocol.Instance]string{}
	for name, proto := range map[string]protocol.Instance{"MYSQL": protocol.MySQL, "REDIS": protocol.Redis, "MONGO": protocol.Mongo} {
		variable := fmt.Sprintf("PILOT_ENABLE_%s_FILTER", name)
		e, ok := facts.EnvVar(variable)
		if !ok {
			continue
		}
		value, _ := e.Default(p.Target.Istio)
		for _, c := range p.Configs {
			for _, set := range c.Env() {
				if set.Name == variable && set.Program == facts.Istiod && set.Value != nil {
					value = set.Value.Text
				}
			}
		}
		if value == "false" {
			off[proto] = variable
		}
	}
	return off
}
