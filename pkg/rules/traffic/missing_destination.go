package traffic

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingHost() *rule.Rule {
	return &rule.Rule{
		ID: "VS006", Name: "missing-destination", Category: category, Severity: finding.Error,
		Stages:  analyze(),
		Needs:   registryParts(workloadParts(snapshot.VirtualServices, snapshot.Gateways, snapshot.Sole)...),
		Summary: "A VirtualService routes or mirrors to a host that is in no Service and no ServiceEntry that its clients see.",
		Why:     "Proxies have no cluster for the host, so requests get 503 and connections are closed.",
		Fix:     "Correct the host, or export the service to the clients; a short name means a service of the VirtualService's own namespace.",
		Equivalents: []string{
			"IST0101", "KIA1101",
		},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			n := 0
			for _, v := range routes(m) {
				for _, l := range v.legs {
					n++
					host := m.FQDN(l.to.GetHost(), v.Namespace)
					if elsewhere(m, host) || known(m, v.VirtualService, l, host) {
						continue
					}
					at := snapshot.Place(v.VirtualService.VirtualService, l.path()+".host")
					if spaces := strangers(m, v.VirtualService, l, host); len(spaces) == 0 {
						p.Reportf(at, "%s", absent(m, v.VirtualService, l, host))
					} else if len(m.WorkloadsOf(v.Namespace)) > 0 {
						p.Reportf(at, "%s is exported to %s, and not to namespace %s: clients of this route get 503 there", l.to.GetHost(), rule.Some(spaces), v.Namespace).Severity = finding.Warning
					}
				}
			}
			p.Lookedf("%s, all there", finding.Count(n, "destination"))
		},
	}
}

// elsewhere says whether a host is of services that no object in the cluster
// stands for: those that clusters share, and the API server.
func elsewhere(m *mesh.Mesh, host string) bool {
	return strings.HasSuffix(host, ".svc.clusterset.local") || host == "kubernetes.default.svc."+m.Domain
}

// known says whether some client of a route sees the host. A wildcard that
// covers it does not help: the cluster that istiod makes of one has its name.
func known(m *mesh.Mesh, v *mesh.VirtualService, l leg, host string) bool {
	named := m.ServicesOf(host)
	if len(named) == 0 || slices.ContainsFunc(named, func(s *mesh.Service) bool { return s.Visible.All() }) {
		return len(named) > 0
	}
	seen := func(namespace string) bool {
		return slices.ContainsFunc(named, func(s *mesh.Service) bool { return s.Visible.In(namespace) })
	}
	everybody := clients(m, v, l)
	for _, c := range everybody {
		if slices.ContainsFunc(c.oneOf, seen) {
			return true
		}
	}
	return len(everybody) == 0 && seen(v.Namespace)
}

// strangers are the namespaces to which the host of a route is exported, where
// some are neither that of the VirtualService nor the service's own, so that the
// route may be meant for them.
func strangers(m *mesh.Mesh, v *mesh.VirtualService, l leg, host string) []string {
	if !slices.ContainsFunc(clients(m, v, l), func(c client) bool { return c.others }) {
		return nil
	}
	var out []string
	meant := false
	for _, s := range m.ServicesOf(host) {
		out = append(out, s.Visible.Namespaces()...)
		meant = meant || slices.ContainsFunc(s.Visible.Namespaces(), func(space string) bool { return space != s.Namespace })
	}
	if !meant {
		return nil
	}
	return out
}

// absent says what is wrong with a host.
func absent(m *mesh.Mesh, v *mesh.VirtualService, l leg, host string) string {
	given := l.to.GetHost()
	if found := m.ServicesOf(host); len(found) > 0 {
		return given + " is a service of namespace " + found[0].Namespace + " that is not exported to the clients of this route: they get 503"
	}
	if wide := m.Sees(host, v.Namespace); wide != nil {
		return given + " is covered by " + wide.Host + " only, and proxies have a cluster for that name alone: requests get 503; add " + host + " to the hosts of a ServiceEntry"
	}
	text := "there is no Service and no ServiceEntry " + host
	if given != host {
		text = given + " means " + host + ", and there is no such service"
	}
	return text + hint(m, given, v.Namespace) + ": requests get 503"
}

// hint names a service that is probably meant: NAME.NAMESPACE in full, or the
// short name in the only other namespace that has it.
func hint(m *mesh.Mesh, given, namespace string) string {
	if strings.Count(given, ".") == 1 {
		if full := given + ".svc." + m.Domain; len(m.ServicesOf(full)) > 0 {
			return " (write " + full + ")"
		}
	}
	if !strings.Contains(given, ".") {
		if found := namesakes(m)[given]; len(found) == 1 {
			return " (" + found[0] + " is there)"
		}
	}
	return ""
}

// hostsByName are the Kubernetes services by their short names.
type hostsByName map[string][]string

func namesakes(m *mesh.Mesh) hostsByName {
	return snapshot.Derived(m.Snapshot, func(s *snapshot.Snapshot) hostsByName {
		out := hostsByName{}
		for _, svc := range s.Services {
			out[svc.Name] = append(out[svc.Name], m.FQDN(svc.Name, svc.Namespace))
		}
		return out
	})
}
