package mesh

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// InstallsGateways says whether a configuration among the files may bring
// gateways, which the picture does not hold.
func (m *Mesh) InstallsGateways() bool { return slices.ContainsFunc(m.Configs, bringsGateways) }

func bringsGateways(c *snapshot.Config) bool {
	switch {
	case !c.IsOperator():
		return c.Chart == "gateway"
	case c.Effective == nil:
		return true // the profile is not known
	}
	for _, list := range []string{"ingressGateways", "egressGateways"} {
		for _, gateway := range c.Effective.At("spec", "components", list).Items() {
			if !gateway.IsFalse("enabled") {
				return true
			}
		}
	}
	return false
}
