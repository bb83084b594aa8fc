package platform

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// calicoSettings goes by istioctl's check and by Calico's reference of
// FelixConfiguration: load balancing at connect time is part of the eBPF data
// plane, and there it is on for TCP unless it is switched off.
func calicoSettings() *rule.Rule {
	return &rule.Rule{
		ID: "CNI006", Name: "calico-settings", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CalicoConfig, snapshot.DaemonSets},
		Summary: "Calico chooses the pod that a connection goes to before the proxy sees it.",
		Why:     "Calls to services leave the mesh: routes, retries and policies for the service do not apply to them.",
		Fix:     "Set bpfConnectTimeLoadBalancing: Disabled in FelixConfiguration default.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			if p.CalicoConfig == nil {
				p.Lookedf("no FelixConfiguration default")
				return
			}
			p.Lookedf("FelixConfiguration default")
			path, value := connectTime(p.CalicoConfig)
			bpf := calicoBPF(p)
			switch at := snapshot.Place(p.CalicoConfig, path); {
			case value == "Disabled" || value == "" && !bpf:
			case value == "":
				p.Reportf(at, "Calico's eBPF data plane balances connections of pods at connect time unless told otherwise, past their proxy; set bpfConnectTimeLoadBalancing: Disabled")
			case bpf:
				p.Reportf(at, "Calico's %s is %s, so pods connect to other pods past their proxy; set bpfConnectTimeLoadBalancing: Disabled", strings.TrimPrefix(path, "spec."), value)
			default:
				p.Reportf(at, "Calico's %s is %s; with its eBPF data plane switched on pods would connect past their proxy; set bpfConnectTimeLoadBalancing: Disabled before", strings.TrimPrefix(path, "spec."), value).Severity = finding.Info
			}
		},
	}
}

// connectTime is what Calico is told about balancing at connect time, in the
// newer field or the older one.
func connectTime(felix *unstructured.Unstructured) (path, value string) {
	mode, found, _ := unstructured.NestedString(felix.Object, "spec", "bpfConnectTimeLoadBalancing")
	if found && mode != "" {
		return "spec.bpfConnectTimeLoadBalancing", mode
	}
	enabled, found, _ := unstructured.NestedBool(felix.Object, "spec", "bpfConnectTimeLoadBalancingEnabled")
	switch {
	case !found:
		return "spec", ""
	case !enabled:
		return "spec.bpfConnectTimeLoadBalancingEnabled", "Disabled"
	}
	return "spec.bpfConnectTimeLoadBalancingEnabled", fmt.Sprint(enabled)
}

// calicoBPF says whether Calico uses its eBPF data plane: by the object, or by
// the environment of its agents, which older installations set.
func calicoBPF(p *rule.Pass) bool {
	if on, _, _ := unstructured.NestedBool(p.CalicoConfig.Object, "spec", "bpfEnabled"); on {
		return true
	}
	for _, d := range p.DaemonSets {
		if d.Name == "calico-node" && strings.EqualFold(environment(d, "FELIX_BPFENABLED"), "true") {
			return true
		}
	}
	return false
}
