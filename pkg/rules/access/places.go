package access

import (
	"path"
	"strings"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// spacesOf are the namespaces that there are: by themselves, or because
// something stands in them.
func spacesOf(m *mesh.Mesh) map[string]bool {
	out := map[string]bool{m.Root: true, "istio-system": true, "default": true}
	for _, ns := range m.Namespaces {
		out[ns.Name] = true
	}
	for _, s := range m.Registry() {
		out[s.Namespace] = true
	}
	for _, w := range m.Workloads() {
		out[w.Namespace()] = true
	}
	for _, o := range m.Others() {
		out[o.Namespace] = true
	}
	for _, a := range m.ServiceAccounts {
		out[a.Namespace] = true
	}
	for _, g := range m.KubernetesGateways {
		out[g.Namespace] = true
	}
	return out
}

// matchesSome says whether a value, which may have a wildcard at one end, stands
// for one of the names.
func matchesSome(value string, names map[string]bool) bool {
	if !strings.Contains(value, "*") {
		return names[value]
	}
	for name := range names {
		if ok, err := path.Match(value, name); ok || err != nil {
			return true
		}
	}
	return false
}

// account is who a principal is about.
type account struct{ domain, namespace, name string }

// accountOf takes a principal apart; ok is false for another form, such as one
// with wildcards.
func accountOf(principal string) (a account, ok bool) {
	parts := strings.Split(principal, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" || strings.Contains(principal, "*") {
		return account{}, false
	}
	return account{parts[0], parts[2], parts[4]}, true
}

// accounts are the service accounts that there are, by namespace/name.
func accounts(m *mesh.Mesh) map[string]bool {
	out := map[string]bool{}
	for _, a := range m.ServiceAccounts {
		out[a.Namespace+"/"+a.Name] = true
	}
	for _, w := range m.Workloads() {
		name := w.Spec.ServiceAccountName
		if name == "" {
			name = "default"
		}
		out[w.Namespace()+"/"+name] = true
	}
	for _, o := range m.Others() {
		out[o.Namespace+"/"+o.Account] = true
	}
	for _, e := range m.WorkloadEntries {
		out[e.Namespace+"/"+e.Spec.GetServiceAccount()] = true
	}
	for _, g := range m.WorkloadGroups {
		out[g.Namespace+"/"+g.Spec.GetTemplate().GetServiceAccount()] = true
	}
	for _, g := range m.KubernetesGateways { // istiod makes one of these
		for _, suffix := range []string{"", "-" + string(g.Spec.GatewayClassName)} {
			out[g.Namespace+"/"+g.Name+suffix] = true
		}
	}
	for space := range spacesOf(m) {
		out[space+"/default"] = true
	}
	return out
}
