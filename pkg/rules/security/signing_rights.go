package security

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"k8s.io/component-helpers/auth/rbac/validation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// signingRights looks at every role that is bound to istiod, not at the
// chart's alone: people grant the rights by a role of their own.
func signingRights() *rule.Rule {
	return &rule.Rule{
		ID: "CSR009", Name: "signing-rights", Category: certificates, Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.ClusterRoles, snapshot.ClusterRoleBindings},
		Summary: "istiod shall let Kubernetes sign certificates, and lacks the permission to ask or to approve.",
		Why:     "Each request ends as forbidden, and neither istiod nor the workloads get a certificate.",
		Fix:     "Set EXTERNAL_CA in pilot.env and list the signer in global.certSigners, then install again.",
		Hints:   []string{"C1"},
		Run: func(p *rule.Pass) {
			p.Lookedf("no certificate is signed by Kubernetes")
			for _, c := range p.Configs {
				if s := newCSR(c); c.HoldsMesh() && s.used() != nil {
					granted := rulesOf(p, account(c), c.Namespace())
					p.Lookedf("%d rules for service account %s/%s", len(granted), c.Namespace(), account(c))
					mayAsk(p, s, granted)
					mayApprove(p, s, granted)
				}
			}
		},
	}
}

// account is the service account of istiod, as the chart names it.
func account(c *snapshot.Config) string {
	if revision := c.Revision(); revision != "" && revision != "default" {
		return "istiod-" + revision
	}
	return "istiod"
}

// rulesOf collects what cluster roles grant to a service account.
func rulesOf(p *rule.Pass, account, namespace string) []rbacv1.PolicyRule {
	roles := map[string][]rbacv1.PolicyRule{}
	for _, r := range p.ClusterRoles {
		roles[r.Name] = r.Rules
	}
	var out []rbacv1.PolicyRule
	for _, b := range p.ClusterRoleBindings {
		if b.RoleRef.Kind == "ClusterRole" && slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return is(s, account, namespace) }) {
			out = append(out, roles[b.RoleRef.Name]...)
		}
	}
	return out
}

// is says whether a subject is the service account, by itself or as one of a
// group that Kubernetes puts it into.
func is(s rbacv1.Subject, account, namespace string) bool {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return s.Name == account && s.Namespace == namespace
	case rbacv1.UserKind:
		return s.Name == "system:serviceaccount:"+namespace+":"+account
	case rbacv1.GroupKind:
		return slices.Contains([]string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"}, s.Name)
	}
	return false
}

// mayAsk wants what istiod does with a request: make it, approve it, wait for
// the certificate and delete it.
func mayAsk(p *rule.Pass, c csr, granted []rbacv1.PolicyRule) {
	group := []string{"certificates.k8s.io"}
	ok, missing := validation.Covers(granted, []rbacv1.PolicyRule{
		{APIGroups: group, Resources: []string{"certificatesigningrequests"}, Verbs: []string{"create", "get", "watch", "delete"}},
		{APIGroups: group, Resources: []string{"certificatesigningrequests/approval"}, Verbs: []string{"update"}},
	})
	if ok {
		return
	}
	var verbs []string
	for _, r := range missing {
		verbs = append(verbs, strings.Join(r.Verbs, ",")+" "+strings.Join(r.Resources, ","))
	}
	p.Reportf(c.used(), "service account %s/%s may not %s; each request for a certificate is refused", c.Namespace(), account(c.Config), strings.Join(slices.Compact(verbs), ", "))
}

func mayApprove(p *rule.Pass, c csr, granted []rbacv1.PolicyRule) {
	for _, s := range c.wanted() {
		if s.at.Placeholder() != "" || strings.Contains(s.name, "${") {
			continue
		}
		domain, _, _ := strings.Cut(s.name, "/")
		if !approves(granted, s.name) && !approves(granted, domain+"/*") {
			p.Reportf(s.at, "service account %s/%s may not approve requests for signer %s; add it to global.certSigners", c.Namespace(), account(c.Config), s.name)
		}
	}
}

func approves(granted []rbacv1.PolicyRule, signer string) bool {
	ok, _ := validation.Covers(granted, []rbacv1.PolicyRule{{
		APIGroups: []string{"certificates.k8s.io"}, Resources: []string{"signers"}, ResourceNames: []string{signer}, Verbs: []string{"approve"},
	}})
	return ok
}
