package platform

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// webhookFirewall speaks up only where a probe timed out: nothing else in a
// cluster tells of a firewall between the API server and the nodes.
func webhookFirewall() *rule.Rule {
	return &rule.Rule{
		ID: "PLT005", Name: "webhook-firewall", Category: "Webhooks", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Platform, snapshot.Probes},
		Summary: "The cloud's API server got no answer from istiod's webhook in time, as with a firewall between them.",
		Why:     "Pods are not injected or not created, and mesh configuration cannot be written.",
		Fix:     "Open port 15017 of the nodes to the control plane.",
		Hints:   []string{"S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("platform %s, %d probes", p.Target.Platform, len(p.Probes))
			platform, ok := facts.PlatformOf(p.Target.Platform)
			how := map[string]string{
				"gke": "add tcp:15017 to the firewall rule gke-...-master of a private cluster",
				"eks": "let the cluster's security group reach port 15017 of the nodes' one",
			}[platform.ID]
			if !ok || how == "" {
				return
			}
			p.Lookedf("%s", finding.Count(len(p.Probes), "probe"))
			for _, probe := range p.Probes {
				if probe.Failed != "" && !probe.Unreached() {
					p.Undecidedf("a probe could not be sent: %s", probe.Failed)
				}
				if timedOut(probe) {
					p.Reportf(finding.Location{}, "the API server of %s got no answer from istiod's webhook in time; %s", platform.Name, how)
					return
				}
			}
		},
	}
}

func timedOut(probe snapshot.Probe) bool {
	if !probe.Unreached() {
		return false
	}
	for _, text := range []string{"deadline exceeded", "i/o timeout", "Client.Timeout", "request canceled"} {
		if strings.Contains(probe.Failed, text) {
			return true
		}
	}
	return false
}
