package observability

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func kialiLockedOut() *rule.Rule {
	return &rule.Rule{
		ID: "OBS007", Name: "kiali-locked-out", Category: category, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Deployments, snapshot.ControlPlanes},
		Summary: "Kiali runs outside of istiod's namespace, and istiod answers questions about the mesh only to its own.",
		Why:     "Kiali shows no proxy status and no configuration of other namespaces, and says that istiod is unreachable.",
		Fix:     "Name Kiali's namespace in istiod's DEBUG_ENDPOINT_AUTH_ALLOWED_NAMESPACES, or run Kiali in istiod's namespace.",
		Hints:   []string{"O2"},
		Run: func(p *rule.Pass) {
			for _, d := range p.Deployments {
				if addonOf(d) != "kiali" {
					continue
				}
				for _, istiod := range p.ControlPlanes {
					if lockedOut(istiod, d.Namespace) {
						p.Reportf(placeOf(d), "Kiali runs in namespace %s, to which %s answers no questions about other namespaces", d.Namespace, snapshot.KeyOf(istiod))
					}
				}
			}
			p.Lookedf("istiod answers Kiali, or there is none")
		},
	}
}

// lockedOut says whether an istiod keeps its debug endpoints from a namespace:
// releases from 1.27.6, 1.28.4 and 1.29 on do, unless told otherwise.
func lockedOut(istiod *unstructured.Unstructured, namespace string) bool {
	env := variables(istiod)
	return namespace != istiod.GetNamespace() && authorizes(snapshot.ControlPlaneImage(istiod)) &&
		!strings.EqualFold(env["ENABLE_DEBUG_ENDPOINT_AUTH"], "false") &&
		!slices.Contains(strings.Split(env["DEBUG_ENDPOINT_AUTH_ALLOWED_NAMESPACES"], ","), namespace)
}

func authorizes(image string) bool {
	tag := image[strings.LastIndex(image, ":")+1:]
	tag, _, _ = strings.Cut(tag, "-")
	parts := strings.Split(tag, ".")
	if len(parts) < 2 || parts[0] != "1" {
		return false
	}
	minor, err := strconv.Atoi(parts[1])
	patch := 0
	if len(parts) > 2 {
		patch, _ = strconv.Atoi(parts[2])
	}
	return err == nil && (minor >= 29 || minor == 28 && patch >= 4 || minor == 27 && patch >= 6)
}

// variables are the variables of istiod's container that have a value.
func variables(d *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		m, _ := c.(map[string]any)
		env, _ := m["env"].([]any)
		for _, e := range env {
			entry, _ := e.(map[string]any)
			name, _ := entry["name"].(string)
			out[name], _ = entry["value"].(string)
		}
	}
	return out
}
