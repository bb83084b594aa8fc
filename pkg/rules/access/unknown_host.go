package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownHost() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ006", Name: "unknown-host", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{
			snapshot.AuthorizationPolicies, snapshot.Services, snapshot.ServiceEntries, snapshot.VirtualServices, snapshot.Gateways,
			snapshot.KubernetesGateways, snapshot.ListenerSets, snapshot.HTTPRoutes, snapshot.GRPCRoutes, snapshot.TLSRoutes, snapshot.Ingresses, snapshot.Sole,
		},
		Summary:     "A policy names a host that is not one of a service, route or gateway.",
		Why:         "Hosts are compared with what requests say, and none of the mesh says this, so that the rule matches nothing.",
		Fix:         "Write the host as clients do, with its port where they say it.",
		Equivalents: []string{"KIA0104"},
		Run: func(p *rule.Pass) {
			known := called(p, mesh.Of(p.Snapshot))
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range allClauses(policy) {
					if c.name != "hosts" && c.name != "notHosts" {
						continue
					}
					if i := slices.IndexFunc(c.values, func(v string) bool { return !answers(known, v) }); i >= 0 {
						p.Reportf(snapshot.Place(policy, fmt.Sprintf("%s[%d]", c.path, i)), "%s is the host of no service, route or gateway, so that no request is for it", c.values[i])
						break
					}
				}
			}
			p.Lookedf("%s, with hosts that there are", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// answers says whether somebody is called by a host. Of wildcards nobody can
// say what they stand for.
func answers(known *mesh.Hosts[bool], host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return strings.Contains(name, "*") || len(known.Exact(name)) > 0 || len(known.Covering(name)) > 0
}

// called are the hosts that requests of the mesh and to its gateways are for.
func called(p *rule.Pass, m *mesh.Mesh) *mesh.Hosts[bool] {
	known := &mesh.Hosts[bool]{}
	add := func(host string) {
		if _, name, ok := strings.Cut(host, "/"); ok {
			host = name
		}
		known.Add(strings.ToLower(host), true)
	}
	for _, s := range m.Registry() {
		add(s.Host)
		if s.Kubernetes != nil {
			add(s.Kubernetes.Name)
			add(s.Kubernetes.Name + "." + s.Namespace)
			add(s.Kubernetes.Name + "." + s.Namespace + ".svc")
		}
	}
	for _, v := range p.VirtualServices {
		for _, host := range v.Spec.GetHosts() {
			add(host)
			add(m.FQDN(host, v.Namespace))
		}
	}
	for _, g := range p.Gateways {
		for _, s := range g.Spec.GetServers() {
			for _, host := range s.GetHosts() {
				add(host)
			}
		}
	}
	routed(p, m, add)
	return known
}

// routed adds what the Gateway API and Ingresses take in.
func routed(p *rule.Pass, m *mesh.Mesh, add func(string)) {
	for _, g := range p.KubernetesGateways {
		for _, l := range g.Spec.Listeners {
			if l.Hostname != nil {
				add(string(*l.Hostname))
			}
		}
	}
	for _, set := range p.ListenerSets {
		for _, l := range set.Spec.Listeners {
			if l.Hostname != nil {
				add(string(*l.Hostname))
			}
		}
	}
	for _, r := range m.Routes() {
		for _, host := range r.Hostnames {
			add(string(host))
		}
	}
	for _, i := range p.Ingresses {
		for _, r := range i.Spec.Rules {
			add(r.Host)
		}
	}
}
