package control

import (
	"fmt"
	"runtime/debug"

	apimachineryversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	basecompatibility "k8s.io/component-base/compatibility"
)

// kubernetesModule is whose version the API server reports.
const kubernetesModule = "k8s.io/kubernetes"

// KubernetesVersion is the version of the embedded Kubernetes, e.g. v1.36.3, as
// the Go linker recorded it.
func KubernetesVersion() string { return ModuleVersion(kubernetesModule) }

// ModuleVersion is the version of a module that this binary was built with, or
// empty when it holds no such module.
func ModuleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}

// stamped reports a real version where Kubernetes built without its own linker
// flags would say v0.0.0-master+$Format:%H$, which no client can parse.
type stamped struct {
	basecompatibility.MutableEffectiveVersion
	version string
}

// Info implements basecompatibility.EffectiveVersion.
func (s stamped) Info() *apimachineryversion.Info {
	info := s.MutableEffectiveVersion.Info()
	info.GitVersion = s.version
	info.GitCommit, info.GitTreeState = "", "archive"
	return info
}

// StampVersion makes the API server report the version of its module. It must
// run before any component's options are made. It saves every build of this
// binary from needing linker flags, which a plain go build would forget.
func StampVersion() error {
	version := KubernetesVersion()
	if version == "" {
		return fmt.Errorf("this binary does not say which %s it holds", kubernetesModule)
	}
	registry := compatibility.DefaultComponentGlobalsRegistry
	registry.Reset()
	effective := stamped{MutableEffectiveVersion: compatibility.DefaultBuildEffectiveVersion(), version: version}
	if err := registry.Register(basecompatibility.DefaultKubeComponent, effective, utilfeature.DefaultMutableFeatureGate); err != nil {
		return fmt.Errorf("stamping the version: %w", err)
	}
	return nil
}
