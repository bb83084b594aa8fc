package traffic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func rulePort() *rule.Rule {
	return &rule.Rule{
		ID: "DR010", Name: "rule-port", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(snapshot.DestinationRules, snapshot.Sidecars),
		Summary: "A DestinationRule has settings for a port that its service does not have.",
		Why:     "Proxies take portLevelSettings by the port of the service, not by that of the workload behind it, so that settings for any other port do nothing and those for all ports hold instead.",
		Fix:     "Write the port that clients use.",
		Run: func(p *rule.Pass) {
			x := &rulePorts{Pass: p, mesh: mesh.Of(p.Snapshot), listening: map[int]bool{}}
			for _, s := range p.Sidecars {
				for _, in := range s.Spec.GetIngress() {
					x.listening[int(in.GetPort().GetNumber())] = true
				}
			}
			for _, r := range x.mesh.Rules() {
				x.judge(r)
			}
			p.Lookedf("%s, all with settings for ports that there are", finding.Count(len(x.mesh.Rules()), "DestinationRule"))
		},
	}
}

// rulePorts is one run.
type rulePorts struct {
	*rule.Pass
	mesh *mesh.Mesh
	// listening are the ports that Sidecars have proxies listen on: there the
	// settings of a rule hold by these numbers.
	listening map[int]bool
}

// judge reports the settings of a rule for ports that its host does not have.
// What else a wildcard stands for nobody knows.
func (x *rulePorts) judge(r *mesh.DestinationRule) {
	if strings.HasPrefix(r.Host, "*") {
		return
	}
	ports := portsOf(x.mesh, r.Host)
	if len(ports) == 0 {
		return
	}
	x.settings(r, ports, r.Spec.GetTrafficPolicy(), "spec.trafficPolicy")
	for i, s := range r.Spec.GetSubsets() {
		x.settings(r, ports, s.GetTrafficPolicy(), subsetPath(i)+".trafficPolicy")
	}
}

func (x *rulePorts) settings(r *mesh.DestinationRule, ports []int, policy *api.TrafficPolicy, path string) {
	for i, one := range policy.GetPortLevelSettings() {
		port := int(one.GetPort().GetNumber())
		if port == 0 || x.listening[port] || slices.Contains(ports, port) {
			continue
		}
		x.Reportf(snapshot.Place(r.DestinationRule, fmt.Sprintf("%s.portLevelSettings[%d].port.number", path, i)),
			"%s has no port %d, but %s: these settings do nothing%s", r.Spec.GetHost(), port, numbers(ports), x.instead(r, port))
	}
}

// instead names the port of the service that was probably meant.
func (x *rulePorts) instead(r *mesh.DestinationRule, port int) string {
	if from := leading(x.mesh, r.Host, port); from != 0 {
		return fmt.Sprintf("; %d is the targetPort of %d, so write %d", port, from, from)
	}
	return ""
}

// leading is the port of a host that leads to a port of its workloads; 0 for
// none.
func leading(m *mesh.Mesh, host string, port int) int {
	for _, s := range m.ServicesOf(host) {
		for _, p := range s.Ports {
			if p.Target == strconv.Itoa(port) {
				return p.Number
			}
		}
	}
	return 0
}
