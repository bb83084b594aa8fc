package platform

import (
	"cmp"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// securityGroupProbes goes by istio.io's prerequisites of ambient mode for
// EKS, and by the release note that gave istio-cni routes for the probes of
// pods with an interface of their own.
func securityGroupProbes() *rule.Rule {
	return &rule.Rule{
		ID: "CNI008", Name: "security-group-probes", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.DaemonSets, snapshot.SecurityGroupPolicies},
		Summary: "Pods have security groups of their own in mode strict, and ambient mode does not let the kubelet's probes reach them.",
		Why:     "The probes of these pods fail as soon as they join the mesh, and the kubelet restarts them for ever.",
		Fix:     "Set POD_SECURITY_GROUP_ENFORCING_MODE=standard on DaemonSet kube-system/aws-node, or leave istio-cni's AMBIENT_ENABLE_AWS_BRANCH_ENI_PROBE on.",
		Hints:   []string{"S5", "S6"},
		Run: func(p *rule.Pass) {
			agent := vpcAgent(p)
			if agent == nil {
				p.Lookedf("no VPC CNI of Amazon")
				return
			}
			mode := cmp.Or(environment(agent, "POD_SECURITY_GROUP_ENFORCING_MODE"), "strict")
			own := environment(agent, "ENABLE_POD_ENI") == "true"
			p.Lookedf("VPC CNI with ENABLE_POD_ENI=%t, mode %s, %d security group policies", own, mode, len(p.SecurityGroupPolicies))
			if !own || mode == "standard" || len(p.SecurityGroupPolicies) == 0 || !installed(p, "ztunnel") {
				return
			}
			for _, c := range p.Configs {
				if why := unprobed(c); why != "" {
					p.Reportf(snapshot.Place(agent, "spec.template.spec.containers"), "%s has security groups for pods in mode %s, and %s: probes of those pods fail in ambient mode; set POD_SECURITY_GROUP_ENFORCING_MODE=standard", snapshot.KeyOf(agent), mode, why)
					return
				}
			}
		},
	}
}

func vpcAgent(p *rule.Pass) *appsv1.DaemonSet {
	for _, d := range p.DaemonSets {
		if d.Name == "aws-node" && d.Namespace == systemNamespace {
			return d
		}
	}
	return nil
}

// unprobed says why istio-cni makes no routes for probes; "" where it does, as
// it has since 1.30 and the last patches of 1.28 and 1.29.
func unprobed(c *snapshot.Config) string {
	const name = "AMBIENT_ENABLE_AWS_BRANCH_ENI_PROBE"
	switch {
	case !c.ComponentEnabled("cni"):
		return ""
	case c.Istio.Before(facts.Minor{Major: 1, Minor: 28}):
		return fmt.Sprintf("istio-cni %s has no routes for them", c.Istio)
	}
	for _, e := range c.Env() {
		if e.Program == facts.CNIAgent && e.Name == name && off(e.Value) {
			return name + " is off"
		}
	}
	return ""
}

func off(v *document.Value) bool {
	return v.IsFalse() || v != nil && strings.EqualFold(v.Text, "false")
}
