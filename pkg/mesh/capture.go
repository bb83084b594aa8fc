package mesh

import (
	"strings"

	"istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/facts"
)

// Variables about addresses that Istio gives to ServiceEntries without any.
const (
	dnsCapture    = "ISTIO_META_DNS_CAPTURE"
	autoAllocate  = "ISTIO_META_DNS_AUTO_ALLOCATE"
	allocate      = "PILOT_ENABLE_IP_AUTOALLOCATE"
	allocateLabel = "networking.istio.io/enable-autoallocate-ip"
)

// HasAddress says whether sidecars know a ServiceEntry by an address: its own,
// or one that Istio gives it and that proxies answer name look-ups with. The
// latter takes DNS capture, which only the mesh config tells.
func (m *Mesh) HasAddress(e *networking.ServiceEntry) Answer {
	if len(e.Spec.GetAddresses()) > 0 {
		return Yes
	}
	switch {
	case e.Spec.GetResolution() == v1alpha3.ServiceEntry_NONE:
		return No
	case !m.names.agents && (!m.names.allocated || strings.EqualFold(e.Labels[allocateLabel], "false")):
		return No
	case m.names.captured:
		return Yes
	case !m.Told:
		return Unknown
	}
	return No
}

// names say what the proxies do about the names of ServiceEntries.
type names struct {
	// captured: sidecars answer look-ups. agents: they give addresses, as before
	// 1.25; allocated: istiod does.
	captured, agents, allocated bool
}

func newNames(m *Mesh) names {
	return names{m.captures(), m.Config.GetDefaultConfig().GetProxyMetadata()[autoAllocate] == "true", m.allocates()}
}

// captures says whether sidecars answer name look-ups.
func (m *Mesh) captures() bool {
	if m.Config.GetDefaultConfig().GetProxyMetadata()[dnsCapture] == "true" {
		return true
	}
	for _, p := range m.ProxyConfigs {
		if p.Namespace == m.Root && len(p.Spec.GetSelector().GetMatchLabels()) == 0 && p.Spec.GetEnvironmentVariables()[dnsCapture] == "true" {
			return true
		}
	}
	return m.ambientOnly()
}

// ambientOnly says whether namespaces are in the mesh without sidecars, and
// none with: the node's proxy answers look-ups unless it is told not to.
func (m *Mesh) ambientOnly() bool {
	ambient := false
	for _, ns := range m.spaces {
		switch {
		case ns.Labels[InjectionLabel] == "enabled" || ns.Labels[RevisionLabel] != "" && ns.Labels[DataplaneLabel] == "":
			return false
		case ns.Labels[DataplaneLabel] == "ambient":
			ambient = true
		}
	}
	return ambient
}

// allocates says whether istiod gives addresses.
func (m *Mesh) allocates() bool {
	value := ""
	if v, ok := facts.EnvVar(allocate); ok {
		value, _ = v.Default(m.Target.Istio)
	}
	for _, c := range m.Configs {
		for _, e := range c.Env() {
			if e.Name == allocate && e.Program == facts.Istiod && e.Value != nil {
				value = e.Value.Text
			}
		}
	}
	return value == "true"
}
