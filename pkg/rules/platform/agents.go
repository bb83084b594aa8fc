package platform

import (
	"cmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// systemNamespace is where a platform admits pods of system priority and with
// the rights that Istio's agents on the nodes need.
const systemNamespace = "kube-system"

// agentNamespace is where an agent goes; "" for Helm values, whose release
// only its user knows.
func agentNamespace(c *snapshot.Config, component string) string {
	if !c.IsOperator() {
		return c.ReleaseNamespace
	}
	root := c.Effective
	if root == nil {
		root = c.Root
	}
	return cmp.Or(root.Str("spec", "components", component, "namespace"), c.Namespace())
}

// setting finds a value of an agent where the user may have written it.
func setting(c *snapshot.Config, component string, path ...string) *document.Value {
	if v := c.Values().At(append([]string{component}, path...)...); v != nil {
		return v
	}
	if c.Chart == component {
		return c.Root.At(path...)
	}
	return nil
}

// criticalPods reports agents of system priority where GKE does not admit
// them. A platform that is not set is another rule's.
func criticalPods(p *rule.Pass, c *snapshot.Config) {
	if p.Target.Context != "" {
		return // a cluster's quotas are another rule's
	}
	for _, component := range []string{"cni", "ztunnel"} {
		quota := setting(c, component, "resourceQuotas", "enabled")
		namespace := agentNamespace(c, component)
		if !c.ComponentEnabled(component) || !quota.IsFalse() || namespace == "" || namespace == systemNamespace {
			continue
		}
		p.Reportf(quota, "GKE admits pods of priority system-node-critical outside kube-system only with a quota: remove %s, or install %s into kube-system", quota.Path(), component)
	}
}

// openshift judges what the platform's settings of the charts do not reach:
// the namespace, and values of the user that contradict them.
func openshift(p *rule.Pass, c *snapshot.Config) {
	for _, component := range []string{"cni", "ztunnel"} {
		if namespace := agentNamespace(c, component); c.ComponentEnabled(component) && namespace != "" && namespace != systemNamespace {
			p.Reportf(c.Nearest("spec", "components", component, "namespace"),
				"OpenShift lets %s run only in kube-system, not in %s; set spec.components.%s.namespace, or spec.profile: openshift", component, namespace, component)
		}
	}
	if !c.ComponentEnabled("cni") && !c.ComponentEnabled("pilot") {
		return
	}
	for _, v := range []*document.Value{setting(c, "cni", "provider"), c.Values().At("pilot", "cni", "provider")} {
		if v != nil && v.Text != "" && v.Text != "multus" && v.Placeholder() == "" {
			p.Reportf(v, "%s is %s, but OpenShift runs CNI plugins through multus; remove it", v.Path(), v.Text)
		}
	}
	if v := setting(c, "cni", "chained"); v.IsTrue() {
		p.Reportf(v, "%s is true, but OpenShift's multus does not chain plugins; remove it", v.Path())
	}
}

// selinux looks for the label that the agent needs where nodes enforce
// SELinux, which no file tells. On a cluster the arguments of RKE2 do.
func selinux(p *rule.Pass, c *snapshot.Config) {
	enforced, known := selinuxOn(p)
	switch {
	case known && enforced == "":
	case c.ComponentEnabled("cni"):
		unlabelled(p, c, enforced)
	case enforced != "" && c.ComponentEnabled("pilot") && !c.EffectiveValues().IsTrue("pilot", "cni", "enabled"):
		p.Reportf(c.Nearest("spec", "components"), "node %s runs RKE2 with SELinux, which can refuse istio-init its rights; install istio-cni", enforced).Severity = finding.Warning
	}
}

func unlabelled(p *rule.Pass, c *snapshot.Config, enforced string) {
	if c.Istio.Before(facts.Minor{Major: 1, Minor: 24}) || unprivilegedIsFine(c) {
		return
	}
	path, write := []string{"seLinuxOptions", "type"}, "seLinuxOptions.type: spc_t"
	if c.IsOperator() {
		path, write = []string{"spec", "components", "cni"}, "spec.unvalidatedValues.cni.seLinuxOptions.type: spc_t"
	}
	if enforced != "" {
		p.Reportf(c.Nearest(path...), "node %s runs RKE2 with SELinux, where istio-cni may not use its socket; set %s", enforced, write)
		return
	}
	p.Reportf(c.Nearest(path...), "if the nodes enforce SELinux, istio-cni may not use its socket; set %s", write).Severity = finding.Info
}

// selinuxOn names a node that enforces SELinux. Known says that all nodes tell
// how they were started.
func selinuxOn(p *rule.Pass) (node string, known bool) {
	seen, _ := p.Has(snapshot.Nodes)
	known = seen && len(p.Nodes) > 0
	for _, n := range p.Nodes {
		if argument(n, "--selinux") == "true" {
			return n.Name, true
		}
		_, tells := n.Annotations["rke2.io/node-args"]
		known = known && tells
	}
	return "", known
}

func unprivilegedIsFine(c *snapshot.Config) bool {
	return setting(c, "cni", "seLinuxOptions") != nil || c.Root.At("spec", "unvalidatedValues", "cni", "seLinuxOptions") != nil
}
