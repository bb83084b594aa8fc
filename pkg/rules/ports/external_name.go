package ports

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func externalName() *rule.Rule {
	return &rule.Rule{
		ID: "SVC003", Name: "external-name", Category: category, Severity: finding.Info,
		Stages: analyze(),
		Needs: []snapshot.Part{
			snapshot.Services, snapshot.ServiceEntries, snapshot.VirtualServices, snapshot.DestinationRules, snapshot.Namespaces, snapshot.Deployments, snapshot.StatefulSets,
			snapshot.DaemonSets, snapshot.ReplicaSets, snapshot.Jobs, snapshot.CronJobs, snapshot.Pods,
		},
		Summary: "A Service of type ExternalName is used in the mesh.",
		Why:     "For Istio it is another name of its target, and since 1.21 nothing more: routes, policies, telemetry and TLS of its own do not exist; before 1.21 it also had listeners of its own, which took the traffic of other hosts.",
		Fix:     "Use a ServiceEntry where routes, policies or telemetry are wanted, else call the target itself.",
		Hints:   []string{"S13"}, Equivalents: []string{"IST0150"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			aliases := map[string]*corev1.Service{}
			for _, s := range services(p.Snapshot) {
				if s.Spec.Type == corev1.ServiceTypeExternalName {
					aliases[m.FQDN(s.Name, s.Namespace)] = s
				}
			}
			if len(aliases) > 0 {
				users := usersOf(m, aliases)
				for host, s := range aliases {
					if user := users[host]; user != "" {
						reportExternalName(p, s, user)
					}
				}
			}
			p.Lookedf("%s of type ExternalName", finding.Count(len(aliases), "Service"))
		},
	}
}

func reportExternalName(p *rule.Pass, s *corev1.Service, user string) {
	f := p.Reportf(snapshot.Place(s, "spec.externalName"), "%s uses this name of %s; routes, policies and telemetry do not hold for it, a ServiceEntry has them%s", user, s.Spec.ExternalName, namedTCP(p, s))
	if p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 21}) {
		f.Severity = finding.Warning
	}
}

// namedTCP says what becomes of an old Istio's listener for a TCP port.
func namedTCP(p *rule.Pass, s *corev1.Service) string {
	if !p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 21}) {
		return ""
	}
	for _, port := range s.Spec.Ports {
		if port.Name == "tcp" || declared(port).IsUnsupported() || declared(port).IsTCP() {
			return "; and its port takes the TCP traffic to that port of all other hosts"
		}
	}
	return ""
}

// usersOf names for each of the hosts one object that refers to it: a route, a
// DestinationRule, or a workload by an environment variable or an argument.
func usersOf(m *mesh.Mesh, hosts map[string]*corev1.Service) map[string]string {
	users := map[string]string{}
	use := func(o snapshot.Object, host string) {
		if host = m.FQDN(host, o.GetNamespace()); hosts[host] != nil && users[host] == "" {
			users[host] = snapshot.KeyOf(o).String()
		}
	}
	for _, r := range m.DestinationRules {
		use(r, r.Spec.GetHost())
	}
	for _, v := range m.VirtualServices {
		for _, host := range destinations(v) {
			use(v, host)
		}
	}
	for _, w := range m.Workloads() {
		if m.HasSidecar(w) == mesh.No && m.InAmbient(w) != mesh.Yes {
			continue
		}
		for _, c := range w.AppContainers() {
			for _, e := range c.Env {
				for _, host := range hostsIn(e.Value) {
					use(w.Object, clusterName(m, host))
				}
			}
			for _, arg := range append(c.Command, c.Args...) {
				for _, host := range hostsIn(arg) {
					use(w.Object, clusterName(m, host))
				}
			}
		}
	}
	return users
}

// clusterName completes what a pod may call a Service: its name and namespace,
// with or without svc.
func clusterName(m *mesh.Mesh, host string) string {
	host = strings.TrimSuffix(host, ".")
	rest := strings.TrimSuffix(strings.TrimSuffix(host, "."+m.Domain), ".svc")
	if strings.Count(rest, ".") == 1 {
		return rest + ".svc." + m.Domain
	}
	return host
}
