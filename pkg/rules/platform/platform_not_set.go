package platform

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func platformNotSet() *rule.Rule {
	return &rule.Rule{
		ID: "PLT001", Name: "platform-not-set", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform},
		Summary: "The platform needs settings that global.platform selects, and it is not set.",
		Why:     "The CNI plugin is written where the nodes do not look for it, or pods are refused, and workloads do not start.",
		Fix:     "Set global.platform to the value in the message, on every chart.",
		Hints:   []string{"S5", "S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s", p.Target.Platform)
			platform, ok := facts.PlatformOf(p.Target.Platform)
			if !ok || platform.Value == "" {
				return
			}
			for _, c := range p.Configs {
				if !c.Istio.Before(platform.Since) && missing(c, platform) && !otherRuntime(p) {
					notSet(p, c, platform)
				}
			}
		},
	}
}

// missing says whether the configuration needs the platform's settings and
// does not select them.
func missing(c *snapshot.Config, platform facts.PlatformFacts) bool {
	if selected(c) == platform.Value || !slices.ContainsFunc(touched(platform.ID), c.ComponentEnabled) {
		return false
	}
	switch platform.ID {
	case "k3s", "k3d", "microk8s":
		return !right(platform, folders(c))
	case "minikube":
		return ambient(c)
	}
	return true
}

// touched lists the components whose rendering the platform's settings change.
func touched(id string) []string {
	switch id {
	case "openshift":
		return []string{"pilot", "cni", "ztunnel"}
	case "gke":
		return []string{"cni", "ztunnel"}
	}
	return []string{"cni"}
}

func selected(c *snapshot.Config) string {
	v := c.EffectiveValues()
	return cmp.Or(v.Str("platform"), v.Str("global", "platform"))
}

func ambient(c *snapshot.Config) bool {
	v := c.EffectiveValues()
	return v.IsTrue("ambient", "enabled") || v.IsTrue("cni", "ambient", "enabled")
}

func notSet(p *rule.Pass, c *snapshot.Config, platform facts.PlatformFacts) {
	path := []string{"global", "platform"}
	if c.IsOperator() {
		path = append([]string{"spec", "values"}, path...)
	}
	is := "is not set"
	if s := selected(c); s != "" {
		is = "is " + s
	}
	f := p.Reportf(c.Nearest(path...), "%s needs %s: %s, which %s", platform.Name, strings.Join(path, "."), platform.Value, is)
	switch {
	case platform.ID == "minikube":
		f.Severity = finding.Warning
		f.Message += "; only the docker driver needs it"
	case platform.ID == "gke" && c.IsOperator():
		f.Severity = finding.Warning
		f.Message += "; istioctl install sets it by itself, manifest generate and GitOps tools do not"
	case is == "is not set":
		f.Propose(c.Root.Insert(platform.Value, document.String, path...), "set %s: %s", strings.Join(path, "."), platform.Value)
	}
}

// otherRuntime says whether this is a minikube whose pods Docker does not run:
// only Docker keeps network namespaces where the platform's setting looks.
func otherRuntime(p *rule.Pass) bool {
	if p.Target.Platform != "minikube" || len(p.Nodes) == 0 {
		return false
	}
	return !slices.ContainsFunc(p.Nodes, func(n *corev1.Node) bool {
		return strings.HasPrefix(n.Status.NodeInfo.ContainerRuntimeVersion, "docker://")
	})
}
