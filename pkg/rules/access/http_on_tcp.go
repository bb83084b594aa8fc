package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "istio.io/api/security/v1beta1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func httpOnTCP() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ010", Name: "http-on-tcp", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: append(mesh.WorkloadParts(), snapshot.Services, snapshot.Namespaces, snapshot.AuthorizationPolicies, snapshot.Sidecars),
		Summary: "A policy asks for paths, methods, hosts or tokens at ports that take TCP.",
		Why:     "A sidecar sees no HTTP there: an ALLOW rule with such fields lets nothing in, and a DENY rule is taken without them, so that it refuses every connection.",
		Fix:     "Name the ports for HTTP in to.operation.ports of a DENY rule, and ask TCP ports for ports, principals or addresses only.",
		Run: func(p *rule.Pass) {
			t := newTCPPorts(mesh.Of(p.Snapshot))
			for _, policy := range p.AuthorizationPolicies {
				if len(mesh.Targets(&policy.Spec)) > 0 || policy.Annotations["istio.io/dry-run"] == "true" || !asksForHTTP(policy) {
					continue
				}
				switch policy.Spec.GetAction() {
				case api.AuthorizationPolicy_ALLOW:
					neverAllowed(p, t, policy)
				case api.AuthorizationPolicy_DENY:
					alwaysDenied(p, t, policy)
				}
			}
			p.Lookedf("%s, none about HTTP at ports for TCP", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// http says whether a field is about requests, so that istiod leaves it out for
// TCP.
func (c clause) http() bool {
	return slices.Contains([]string{"hosts", "notHosts", "methods", "notMethods", "paths", "notPaths", "requestPrincipals", "notRequestPrincipals"}, c.name) ||
		strings.HasPrefix(c.name, "request.")
}

func asksForHTTP(policy *mesh.Authorization) bool {
	return slices.ContainsFunc(allClauses(policy), clause.http)
}

// neverAllowed reports ALLOW rules with fields for HTTP where all ports are for
// TCP.
func neverAllowed(p *rule.Pass, t *tcpPorts, policy *mesh.Authorization) {
	first, only := t.only(policy)
	if !only {
		return
	}
	rest := 0 // rules without such fields, which let something in
	for i, r := range policy.Spec.GetRules() {
		if !slices.ContainsFunc(clauses(i, r), clause.http) {
			rest++
		}
	}
	for i, r := range policy.Spec.GetRules() {
		all := clauses(i, r)
		if j := slices.IndexFunc(all, clause.http); j >= 0 && !t.elsewhere(policy, all) {
			f := p.Reportf(snapshot.Place(policy, all[j].path), "%s exist in HTTP only, and all ports of %s are for TCP, such as %s: this rule lets nothing in", all[j].name, first.workload, first)
			if rest > 0 {
				f.Severity = finding.Warning
			}
		}
	}
}

// elsewhere says whether a rule names a port that is none of those for TCP: no
// Service leads to it, and what it takes is detected.
func (t *tcpPorts) elsewhere(policy *mesh.Authorization, all []clause) bool {
	known := map[string]bool{}
	for _, p := range t.some(policy) {
		known[strconv.Itoa(p.number)] = true
	}
	return slices.ContainsFunc(all, func(c clause) bool {
		return (c.name == "ports" || c.name == "destination.port" && !c.negative) && slices.ContainsFunc(c.values, func(port string) bool { return !known[port] })
	})
}

// alwaysDenied reports DENY rules that hold for a port for TCP when their
// fields for HTTP are left out.
func alwaysDenied(p *rule.Pass, t *tcpPorts, policy *mesh.Authorization) {
	for i, r := range policy.Spec.GetRules() {
		for _, port := range t.some(policy) {
			at := widened(i, r, port.number)
			if at == nil {
				continue
			}
			what := "every connection"
			if narrowedElse(i, r) {
				what = "every connection that the rest of the rule is for"
			}
			f := p.Reportf(snapshot.Place(policy, at.path), "%s exist in HTTP only, and %s of %s is for TCP: there this rule denies %s; name the ports for HTTP in to.operation.ports",
				at.name, port, port.workload, what)
			if port.doubtful && len(policy.Spec.GetSelector().GetMatchLabels()) == 0 || narrowedElse(i, r) {
				f.Severity = finding.Warning
			}
			break
		}
	}
}

// widened is a field for HTTP without which a rule holds for a port.
func widened(index int, r *api.Rule, port int) *clause {
	var left *clause // of from and when, which hold with every to
	for _, c := range clauses(index, r) {
		if c.http() && !strings.HasPrefix(c.path, fmt.Sprintf("spec.rules[%d].to[", index)) {
			left = &c
			break
		}
	}
	if !aboutPort(r, port) {
		return nil
	}
	if len(r.GetTo()) == 0 {
		return left
	}
	for i, to := range r.GetTo() {
		o := to.GetOperation()
		if !takes(o.GetPorts(), o.GetNotPorts(), port) {
			continue
		}
		for _, c := range clauses(index, r) {
			if c.http() && strings.HasPrefix(c.path, fmt.Sprintf("spec.rules[%d].to[%d].", index, i)) {
				return &c
			}
		}
		if left != nil {
			return left
		}
	}
	return nil
}

// aboutPort says whether the conditions of a rule let a port through.
func aboutPort(r *api.Rule, port int) bool {
	for _, c := range r.GetWhen() {
		if c.GetKey() == "destination.port" && !takes(c.GetValues(), c.GetNotValues(), port) {
			return false
		}
	}
	return true
}

func takes(ports, not []string, port int) bool {
	number := fmt.Sprint(port)
	return (len(ports) == 0 || slices.Contains(ports, number)) && !slices.Contains(not, number)
}

// narrowedElse says whether a rule asks who the client is, too.
func narrowedElse(index int, r *api.Rule) bool {
	return slices.ContainsFunc(clauses(index, r), func(c clause) bool {
		return !c.http() && !slices.Contains([]string{"ports", "notPorts", "destination.port"}, c.name)
	})
}
