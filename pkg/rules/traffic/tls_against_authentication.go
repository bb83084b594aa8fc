package traffic

import (
	"fmt"
	"slices"

	api "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func tlsMode() *rule.Rule {
	return &rule.Rule{
		ID: "DR008", Name: "tls-against-authentication", Category: category, Severity: finding.Error,
		Stages:  analyze(),
		Needs:   registryParts(workloadParts(snapshot.DestinationRules, snapshot.PeerAuthentications, snapshot.Namespaces)...),
		Summary: "A DestinationRule sends plain text to workloads that take only mTLS, or mTLS to workloads that do not speak it, or to hosts outside of the mesh.",
		Why:     "A tls setting turns auto mTLS off for its host, and the two sides then do not understand each other: every request gets 503.",
		Fix:     "Remove the tls setting, which leaves it to auto mTLS, or let PeerAuthentication and DestinationRule say the same.",
		Hints:   []string{"D2"}, Equivalents: []string{"IST0113", "KIA0204", "KIA0205", "KIA0206", "KIA0207", "KIA0208", "KIA0401", "KIA0501", "KIA0505", "KIA0506"},
		Run: func(p *rule.Pass) {
			c := &contradictions{mesh: mesh.Of(p.Snapshot), found: map[string]*contradiction{}}
			n := 0
			for _, s := range c.mesh.Registry() {
				if external(s) {
					n++
					c.outside(s)
				}
				if s.Kubernetes == nil || s.Kubernetes.Spec.Type == corev1.ServiceTypeExternalName || len(s.Kubernetes.Spec.Selector) == 0 {
					continue
				}
				n++
				for _, r := range effective(c.mesh, s) {
					c.check(s, r)
				}
				c.withoutAuto(s)
			}
			c.report(p)
			p.Lookedf("%s, all reached as their workloads want", finding.Count(n, "service"))
		},
	}
}

// effective are the rules that some clients of a service work with: those in
// namespaces without rules of their own, and those in namespaces with one for
// exactly this host.
func effective(m *mesh.Mesh, s *mesh.Service) []*mesh.DestinationRule {
	out := slices.Clone(m.RulesFor(s.Host, s.Namespace, ""))
	for _, r := range m.RulesFor(s.Host, s.Namespace, s.Namespace) {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, r := range m.RulesOf(s.Host) {
		if !slices.Contains(out, r) && slices.Contains(m.RulesFor(s.Host, s.Namespace, r.Namespace), r) {
			out = append(out, r)
		}
		if len(out) > maxOverriding {
			break
		}
	}
	return out
}

// contradictions are collected by the place that they are at, since a wildcard
// has them with many services.
type contradictions struct {
	mesh  *mesh.Mesh
	found map[string]*contradiction
	order []string
}

type contradiction struct {
	at       finding.Location
	format   string // with the service and what is said of its workload
	first    []any
	services []string
	severity finding.Severity // where it is not the rule's
}

func (c *contradictions) add(at finding.Location, s *mesh.Service, format string, args ...any) *contradiction {
	key := at.Object + "\x00" + at.Path + "\x00" + format
	one := c.found[key]
	if one == nil {
		one = &contradiction{at: at, format: format, first: args}
		c.found[key] = one
		c.order = append(c.order, key)
	}
	if n := len(one.services); n == 0 || one.services[n-1] != s.Host {
		one.services = append(one.services, s.Host)
	}
	return one
}

func (c *contradictions) report(p *rule.Pass) {
	for _, key := range c.order {
		one := c.found[key]
		text := fmt.Sprintf(one.format, one.first...)
		if more := len(one.services) - 1; more > 0 {
			text += fmt.Sprintf(" (and so for %s)", finding.Count(more, "other service"))
		}
		if f := p.Reportf(one.at, "%s", text); one.severity != 0 {
			f.Severity = one.severity
		}
	}
}

// check compares what a rule says for each port of a service with what the
// workloads want there.
func (c *contradictions) check(s *mesh.Service, r *mesh.DestinationRule) {
	c.policy(s, r, r.Spec.GetTrafficPolicy(), "spec.trafficPolicy", nil)
	for i, subset := range r.Spec.GetSubsets() {
		if subset.GetTrafficPolicy() != nil {
			c.policy(s, r, subset.GetTrafficPolicy(), subsetPath(i)+".trafficPolicy", chosen(subset))
		}
	}
}

func (c *contradictions) policy(s *mesh.Service, r *mesh.DestinationRule, policy *api.TrafficPolicy, path string, subset map[string]string) {
	for _, port := range s.Ports {
		tls, at := tlsAt(policy, port.Number)
		if tls == nil {
			continue
		}
		for _, w := range c.workloads(s, subset) {
			c.compare(s, w, port, tls.GetMode(), snapshot.Place(r.DestinationRule, path+at))
		}
	}
}

// tlsAt is the TLS setting for a port: one for the port replaces all others.
func tlsAt(policy *api.TrafficPolicy, port int) (*api.ClientTLSSettings, string) {
	for i, p := range policy.GetPortLevelSettings() {
		if int(p.GetPort().GetNumber()) == port {
			return p.GetTls(), fmt.Sprintf(".portLevelSettings[%d].tls.mode", i)
		}
	}
	return policy.GetTls(), ".tls.mode"
}

// maxWorkloads is how many workloads of a service are looked at.
const maxWorkloads = 100

func (c *contradictions) workloads(s *mesh.Service, subset map[string]string) []*mesh.Workload {
	both := map[string]string{}
	for _, labels := range []map[string]string{s.Kubernetes.Spec.Selector, subset} {
		for k, v := range labels {
			if have, ok := both[k]; ok && have != v {
				return nil
			}
			both[k] = v
		}
	}
	return c.mesh.First(s.Namespace, both, maxWorkloads)
}
