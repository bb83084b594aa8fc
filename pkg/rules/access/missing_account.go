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

func missingAccount() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ008", Name: "missing-principal", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: sources(),
		Summary:     "A policy names a principal that nobody has.",
		Why:         "No workload runs with that service account, sidecars refuse its trust domain, or it is not written as Istio compares it, so that the rule matches nobody.",
		Fix:         "Write trust-domain/ns/namespace/sa/service-account, without spiffe://, of a service account that is there.",
		Equivalents: []string{"KIA0106", "KIA0108"},
		Run: func(p *rule.Pass) {
			m := mesh.Of(p.Snapshot)
			whole, reason := p.Has(snapshot.Sole)
			x := &callers{guarded: guarded{m, map[string]bool{}}, accounts: accounts(m), whole: whole, open: m.TakesAnyTrustDomain() || len(m.Config.GetCaCertificates()) > 0}
			for _, policy := range p.AuthorizationPolicies {
				x.judge(p, policy)
			}
			if !whole && len(p.AuthorizationPolicies) > 0 {
				p.Undecidedf("%s", reason)
			}
			p.Lookedf("%s, with principals that there are", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

// callers are the identities that there are.
type callers struct {
	guarded
	accounts map[string]bool // by namespace/name
	whole    bool            // no others may be there
	names    *principals     // of all accounts, made when one is asked for
	open     bool            // proxies take certificates of any trust domain
}

// judge reports the first principal of a policy that nobody has.
func (x *callers) judge(p *rule.Pass, policy *mesh.Authorization) {
	for _, c := range allClauses(policy) {
		var fault func(*mesh.Authorization, string) string
		switch c.name {
		case "principals", "notPrincipals", "source.principal":
			fault = x.principal
		case "serviceAccounts", "notServiceAccounts", "source.serviceAccount":
			fault = x.account
		default:
			continue
		}
		for i, v := range c.values {
			if text := fault(policy, v); text != "" {
				p.Reportf(snapshot.Place(policy, value(c, i)), "%s", text)
				return
			}
		}
	}
}

// principal says why nobody has one; "" where somebody may.
func (x *callers) principal(policy *mesh.Authorization, v string) string {
	if rest, ok := strings.CutPrefix(v, "spiffe://"); ok {
		return "principals are compared without spiffe://, so that this one matches nobody; write " + rest
	}
	domain, rest, parts := strings.Cut(v, "/")
	a, exact := accountOf(v)
	wild := strings.Contains(v, "*")
	switch {
	case strings.Contains(inner(v), "*"):
		return "a * stands for others only where it is the first or the last letter, so that " + v + " matches nobody"
	case exact && x.local(domain):
		if x.whole && !x.accounts[a.namespace+"/"+a.name] {
			return fmt.Sprintf("there is no service account %s in namespace %s, so that nobody has this principal", a.name, a.namespace)
		}
	case !parts && !wild && x.meshOnly(policy):
		return v + " is no principal, so that it matches nobody; write trust-domain/ns/namespace/sa/service-account"
	case parts && !strings.Contains(domain, "*") && !x.local(domain):
		if x.Told && x.meshOnly(policy) {
			return fmt.Sprintf("sidecars refuse certificates of trust domain %s, so that nobody has this principal; write %s, or add the domain to trustDomainAliases", domain, x.Config.GetTrustDomain()+"/"+rest)
		}
	case wild && x.whole && !x.some(v) && (x.local(domain) || x.Told && x.meshOnly(policy)):
		return "no service account has a principal like " + v + ", so that it matches nobody"
	}
	return ""
}

// inner is a value without the wildcard at one of its ends.
func inner(v string) string {
	if rest, ok := strings.CutPrefix(v, "*"); ok {
		return rest
	}
	return strings.TrimSuffix(v, "*")
}

// account says why no workload runs with a service account. It may have any
// trust domain.
func (x *callers) account(policy *mesh.Authorization, v string) string {
	namespace, name, ok := strings.Cut(v, "/")
	if !ok {
		namespace, name = policy.Namespace, v
	}
	if x.whole && !x.accounts[namespace+"/"+name] && x.Told && x.meshOnly(policy) {
		return fmt.Sprintf("there is no service account %s in namespace %s", name, namespace)
	}
	return ""
}

// local says whether a trust domain is the mesh's own. In others nobody knows
// who there is.
func (x *callers) local(domain string) bool {
	return domain == "cluster.local" || domain == x.Config.GetTrustDomain() || slices.Contains(x.Config.GetTrustDomainAliases(), domain)
}

// some says whether a service account has a principal that a value with a
// wildcard at one end stands for.
func (x *callers) some(v string) bool {
	if x.names == nil {
		x.names = principalsOf(x.accounts, append([]string{"cluster.local", x.Config.GetTrustDomain()}, x.Config.GetTrustDomainAliases()...))
	}
	return x.names.match(v)
}

// meshOnly says whether all workloads of a policy have sidecars, which take
// certificates of the mesh's trust domains only, as long as istiod is not told
// otherwise. Gateways may take those of others.
func (x *callers) meshOnly(policy *mesh.Authorization) bool {
	if x.open || policy.Namespace == x.Root || len(mesh.Targets(&policy.Spec)) > 0 {
		return false
	}
	return x.guarded.only(policy)
}
