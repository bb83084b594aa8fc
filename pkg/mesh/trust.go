package mesh

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// anyTrustDomain makes istiod have proxies take certificates of every trust
// domain.
const anyTrustDomain = "PILOT_SKIP_VALIDATE_TRUST_DOMAIN"

// TakesAnyTrustDomain says whether an istiod may have been told so, by what is
// to be installed or by its environment.
func (m *Mesh) TakesAnyTrustDomain() bool {
	for _, c := range m.Configs {
		if slices.ContainsFunc(c.Env(), func(e snapshot.Env) bool { return e.Name == anyTrustDomain }) {
			return true
		}
	}
	return slices.ContainsFunc(m.ControlPlanes, toldAnyTrustDomain)
}

func toldAnyTrustDomain(istiod *unstructured.Unstructured) bool {
	containers, _, _ := unstructured.NestedSlice(istiod.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		container, _ := c.(map[string]any)
		env, _, _ := unstructured.NestedSlice(container, "env")
		for _, e := range env {
			if variable, _ := e.(map[string]any); variable["name"] == anyTrustDomain {
				return true
			}
		}
	}
	return false
}
