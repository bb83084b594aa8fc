package access

import (
	"fmt"
	"slices"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// clause is one field of a rule of a policy that lists what a request must
// have, or with negative must not.
type clause struct {
	path     string
	name     string // of the field, or the key of a condition
	values   []string
	negative bool
}

// clauses lists those of a rule that are written.
func clauses(index int, r *api.Rule) []clause {
	var out []clause
	add := func(path, name string, values []string, negative bool) {
		if len(values) > 0 {
			out = append(out, clause{path + "." + name, name, values, negative})
		}
	}
	for i, from := range r.GetFrom() {
		path, s := fmt.Sprintf("spec.rules[%d].from[%d].source", index, i), from.GetSource()
		add(path, "principals", s.GetPrincipals(), false)
		add(path, "notPrincipals", s.GetNotPrincipals(), true)
		add(path, "requestPrincipals", s.GetRequestPrincipals(), false)
		add(path, "notRequestPrincipals", s.GetNotRequestPrincipals(), true)
		add(path, "namespaces", s.GetNamespaces(), false)
		add(path, "notNamespaces", s.GetNotNamespaces(), true)
		add(path, "serviceAccounts", s.GetServiceAccounts(), false)
		add(path, "notServiceAccounts", s.GetNotServiceAccounts(), true)
		add(path, "ipBlocks", s.GetIpBlocks(), false)
		add(path, "notIpBlocks", s.GetNotIpBlocks(), true)
		add(path, "remoteIpBlocks", s.GetRemoteIpBlocks(), false)
		add(path, "notRemoteIpBlocks", s.GetNotRemoteIpBlocks(), true)
	}
	for i, to := range r.GetTo() {
		path, o := fmt.Sprintf("spec.rules[%d].to[%d].operation", index, i), to.GetOperation()
		add(path, "hosts", o.GetHosts(), false)
		add(path, "notHosts", o.GetNotHosts(), true)
		add(path, "ports", o.GetPorts(), false)
		add(path, "notPorts", o.GetNotPorts(), true)
		add(path, "methods", o.GetMethods(), false)
		add(path, "notMethods", o.GetNotMethods(), true)
		add(path, "paths", o.GetPaths(), false)
		add(path, "notPaths", o.GetNotPaths(), true)
	}
	for i, c := range r.GetWhen() {
		path := fmt.Sprintf("spec.rules[%d].when[%d]", index, i)
		if len(c.GetValues()) > 0 {
			out = append(out, clause{path + ".values", c.GetKey(), c.GetValues(), false})
		}
		if len(c.GetNotValues()) > 0 {
			out = append(out, clause{path + ".notValues", c.GetKey(), c.GetNotValues(), true})
		}
	}
	return out
}

// allClauses are those of every rule of a policy.
func allClauses(p *mesh.Authorization) []clause {
	var out []clause
	for i, r := range p.Spec.GetRules() {
		out = append(out, clauses(i, r)...)
	}
	return out
}

// identity says whether a field is about who the peer is by its certificate.
func (c clause) identity() bool {
	return slices.Contains([]string{"principals", "namespaces", "serviceAccounts", "source.principal", "source.namespace", "source.serviceAccount"}, c.name)
}

// needsIdentity says whether a rule can match only requests of peers that show
// a certificate of the mesh, and where it says so.
func needsIdentity(index int, r *api.Rule) (path string, needed bool) {
	for i, c := range r.GetWhen() {
		if one := (clause{name: c.GetKey()}); one.identity() && len(c.GetValues()) > 0 {
			return fmt.Sprintf("spec.rules[%d].when[%d]", index, i), true
		}
	}
	for i, from := range r.GetFrom() {
		s := from.GetSource()
		switch at := fmt.Sprintf("spec.rules[%d].from[%d].source", index, i); {
		case len(s.GetPrincipals()) > 0:
			path = at + ".principals"
		case len(s.GetNamespaces()) > 0:
			path = at + ".namespaces"
		case len(s.GetServiceAccounts()) > 0:
			path = at + ".serviceAccounts"
		default:
			return "", false
		}
	}
	return path, path != ""
}
