package mesh

import (
	meshconfig "istio.io/api/mesh/v1alpha1"
	istiomesh "istio.io/istio/pkg/config/mesh"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// settings are the mesh config that the configurations of a snapshot tell, over
// Istio's defaults. What Istio refuses is left out: the rules about
// installation files speak of it.
func settings(s *snapshot.Snapshot) (config *meshconfig.MeshConfig, told bool) {
	config = istiomesh.DefaultMeshConfig()
	for _, c := range s.Configs {
		if root := c.EffectiveValues().Str("global", "istioNamespace"); root != "" && !c.IsMesh() {
			config.RootNamespace, told = root, true
		}
		for _, m := range c.MeshConfigs() {
			text, err := m.YAML()
			if err != nil {
				continue
			}
			if applied, err := istiomesh.ApplyMeshConfig(string(text), config); err == nil {
				config, told = applied, true
			}
		}
	}
	return config, told
}
