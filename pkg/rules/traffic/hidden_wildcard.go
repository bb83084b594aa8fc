package traffic

import (
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func hiddenWildcard() *rule.Rule {
	return &rule.Rule{
		ID: "DR003", Name: "hidden-wildcard", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: registryParts(snapshot.DestinationRules),
		Summary: "A DestinationRule hides a wider one and does not repeat its TLS, outlier detection, connection pool or load balancer.",
		Why:     "Only the most specific rule counts and nothing is inherited, so its host goes without those settings.",
		Fix:     "Repeat the settings in the specific rule, or from Istio 1.31 set them for the mesh in meshConfig.defaultTrafficPolicy.",
		Hints:   []string{"D2"}, Equivalents: []string{"KIA0204"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			for _, r := range m.Rules() {
				if r.Spec.GetWorkloadSelector() != nil {
					continue
				}
				if wide := widest(r, m.Hidden(r.Host, r.Namespace)); wide != nil {
					inherit(p, m, r, wide)
				}
			}
			p.Lookedf("%s, none lacking what a wider one sets", finding.Count(len(m.Rules()), "DestinationRule"))
		},
	}
}

// widest is the first of the hidden rules that is not for single workloads and
// that clients of the other one would see.
func widest(r *mesh.DestinationRule, hidden []*mesh.DestinationRule) *mesh.DestinationRule {
	for _, wide := range hidden {
		if wide.Spec.GetWorkloadSelector() == nil && wide.Spec.GetTrafficPolicy() != nil && wide.Visible.Overlaps(r.Visible) {
			return wide
		}
	}
	return nil
}

// inherit reports what the wider rule sets and the other one does not.
func inherit(p *rule.Pass, m *mesh.Mesh, r, wide *mesh.DestinationRule) {
	var lost []string
	severity := finding.Info
	own, theirs := r.Spec.GetTrafficPolicy(), wide.Spec.GetTrafficPolicy()
	miss := func(set, repeated bool, field string) {
		if set && !repeated {
			lost, severity = append(lost, field), finding.Warning
		}
	}
	miss(theirs.GetOutlierDetection() != nil, own.GetOutlierDetection() != nil, "outlierDetection")
	miss(theirs.GetConnectionPool() != nil, own.GetConnectionPool() != nil, "connectionPool")
	miss(theirs.GetLoadBalancer() != nil, own.GetLoadBalancer() != nil, "loadBalancer")
	switch mode := theirs.GetTls().GetMode(); {
	case theirs.GetTls() == nil || own.GetTls() != nil || everywhere(r, func(t *api.TrafficPolicy) bool { return t.GetTls() != nil }):
	case mode == api.ClientTLSSettings_ISTIO_MUTUAL && m.Config.GetEnableAutoMtls().GetValue():
		lost = append(lost, "tls (with auto mTLS sidecars use mTLS all the same)")
	default:
		miss(true, false, "tls mode "+mode.String())
	}
	if len(lost) == 0 {
		return
	}
	path := "spec.trafficPolicy"
	if own == nil {
		path = "spec.host"
	}
	p.Reportf(snapshot.Place(r.DestinationRule, path), "it hides %s for %s, which sets %s, and does not repeat it: %s goes without",
		name(wide), wide.Spec.GetHost(), strings.Join(lost, ", "), r.Spec.GetHost()).Severity = severity
}

// everywhere says whether all subsets of a rule, of which there are some, set
// something themselves.
func everywhere(r *mesh.DestinationRule, set func(*api.TrafficPolicy) bool) bool {
	for _, s := range r.Spec.GetSubsets() {
		if !set(s.GetTrafficPolicy()) {
			return false
		}
	}
	return len(r.Spec.GetSubsets()) > 0
}
