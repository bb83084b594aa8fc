package platform

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// attachments is the CRD by which Multus is told which plugins a pod gets.
const attachments = "network-attachment-definitions.k8s.cni.cncf.io"

// multusProvider goes by chart cni, which with provider multus leaves the
// folders alone and writes a NetworkAttachmentDefinition instead.
func multusProvider(p *rule.Pass) {
	running := ""
	for _, d := range p.DaemonSets {
		if strings.Contains(d.Name, "multus") {
			running = snapshot.KeyOf(d).String()
		}
	}
	asked := attached(p)
	switch {
	case p.Target.Platform == "openshift": // PLT001 and PLT003 see to it
	case asked != nil && running == "" && hasAttachments(p):
		p.Reportf(asked, "istio-cni is told that Multus runs it, and no DaemonSet of Multus is here; remove provider: multus, or install Multus first")
	case asked == nil && running != "" && renderedAgent(p) != nil:
		p.Reportf(finding.Location{Object: running}, "Multus runs here, and istio-cni would chain itself into whichever configuration comes first; see that Multus keeps it, or set provider: multus").Severity = finding.Info
	}
}

// attached is the NetworkAttachmentDefinition that would be installed.
func attached(p *rule.Pass) finding.Locator {
	for _, m := range p.Rendered {
		if m.Object.GetKind() == "NetworkAttachmentDefinition" {
			return snapshot.KeyOf(m.Object)
		}
	}
	return nil
}

// hasAttachments says whether the server knows the kind; PRE010 reports it
// where it does not.
func hasAttachments(p *rule.Pass) bool {
	for _, c := range p.CRDs {
		if c.Name == attachments {
			return true
		}
	}
	return false
}
