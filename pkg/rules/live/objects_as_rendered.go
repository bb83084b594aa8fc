package live

import (
	"fmt"
	"path"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func objectsAsRendered() *rule.Rule {
	return &rule.Rule{
		ID: "POST001", Name: "objects-as-rendered", Category: "Objects", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Live},
		Summary: "An object of the installation is missing, not ready, runs another image, or was changed.",
		Why:     "The mesh does not run as configured, and nothing else says so since istioctl verify-install is gone.",
		Fix:     "Look at the difference with `meshctl plan` and apply it again with `meshctl install`, both with the same -f and --set; --take-ownership takes back what others, such as kubectl set image, have set.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			workloads, elsewhere := 0, takenOver{}
			for _, m := range p.Rendered {
				key := snapshot.KeyOf(m.Object)
				live := p.Live[key]
				if live.Unknown != "" {
					p.Undecidedf("%s: %s", key, live.Unknown)
					continue
				}
				if live.Object == nil {
					p.Reportf(key, "%s is missing", key)
					continue
				}
				over := elsewhere.add(p, m, live.Object)
				if isWorkload(m.Object) {
					workloads++
					if certain(m, live) && !over {
						images(p, key, m.Object, live)
					}
					scaledToZero(p, key, m.Object, live.Object)
				}
				if !live.Ready {
					f := p.Reportf(snapshot.Place(live.Object, "status"), "%s is not ready: %s", key, live.Cause)
					if partly(live.Object) {
						f.Severity = finding.Warning
					}
				}
				if !over {
					drift(p, m, live)
				}
			}
			elsewhere.report(p)
			p.Lookedf("%d objects are there and as rendered, %d workloads are ready with the expected images", len(p.Rendered), workloads)
		},
	}
}

func isWorkload(o *unstructured.Unstructured) bool {
	return o.GetKind() == "Deployment" || o.GetKind() == "DaemonSet"
}

// certain says whether the images of a workload are known. Those of one that
// was read back from the cluster are if somebody else has set them since.
func certain(m snapshot.Manifest, live snapshot.LiveObject) bool {
	return m.Config == nil || !m.Config.Reconstructed ||
		slices.ContainsFunc(live.Drift, func(d snapshot.FieldChange) bool { return strings.Contains(d.Path, "ontainers") })
}

// images compares container by container, so that the message names the one
// image that matters instead of a changed field.
func images(p *rule.Pass, key snapshot.Key, want *unstructured.Unstructured, have snapshot.LiveObject) {
	live := containerImages(have.Object)
	for name, image := range containerImages(want) {
		if got, ok := live[name]; ok && got != image && !(mirrored(got, image) && admitted(have)) {
			p.Reportf(snapshot.Place(have.Object, "spec.template.spec.containers["+name+"].image"), "%s runs image %s, expected is %s", key, got, image)
		}
	}
}

// mirrored says whether two images differ in their registry only, which many
// clusters change as they admit workloads and pods.
func mirrored(got, want string) bool { return path.Base(got) == path.Base(want) }

// admitted says whether a workload's images are what the API server makes of
// the rendered ones: applying them once more would change none.
func admitted(o snapshot.LiveObject) bool {
	return o.DriftUnknown == "" && !slices.ContainsFunc(o.Drift, func(d snapshot.FieldChange) bool {
		return strings.HasSuffix(d.Path, ".image") || strings.HasSuffix(d.Path, "ontainers")
	})
}

// partly says whether some pods of a workload work, of a DaemonSet most, and no
// rollout is on its way. Pods come and go with nodes and autoscalers, and what needs an agent on a
// certain node POST017 knows.
func partly(o *unstructured.Unstructured) bool {
	n := func(path ...string) int64 {
		value, _, _ := unstructured.NestedInt64(o.Object, path...)
		return value
	}
	status := func(name string) int64 { return n("status", name) }
	if status("observedGeneration") < o.GetGeneration() {
		return false
	}
	if o.GetKind() == "DaemonSet" {
		return 2*status("numberAvailable") > status("desiredNumberScheduled") && status("updatedNumberScheduled") == status("desiredNumberScheduled")
	}
	return o.GetKind() == "Deployment" && status("availableReplicas") > 0 &&
		status("updatedReplicas") == n("spec", "replicas") && status("replicas") == n("spec", "replicas")
}

// scaledToZero finds a workload that somebody switched off. It is ready by its
// own account, and an autoscaler leaves it alone.
func scaledToZero(p *rule.Pass, key snapshot.Key, want, have *unstructured.Unstructured) {
	live, found, _ := unstructured.NestedInt64(have.Object, "spec", "replicas")
	wanted, given, _ := unstructured.NestedInt64(want.Object, "spec", "replicas")
	if found && live == 0 && !(given && wanted == 0) {
		p.Reportf(snapshot.Place(have, "spec.replicas"), "%s is scaled to 0 replicas, so nothing of it runs", key)
	}
}

func containerImages(o *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	for _, field := range []string{"initContainers", "containers"} {
		list, _, _ := unstructured.NestedSlice(o.Object, "spec", "template", "spec", field)
		for _, c := range list {
			if m, ok := c.(map[string]any); ok {
				out[fmt.Sprint(m["name"])] = fmt.Sprint(m["image"])
			}
		}
	}
	return out
}

func drift(p *rule.Pass, m snapshot.Manifest, live snapshot.LiveObject) {
	key := snapshot.KeyOf(m.Object)
	if live.DriftUnknown != "" {
		p.Undecidedf("%s cannot be compared: %s", key, live.DriftUnknown)
	}
	for _, d := range live.Drift {
		if isWorkload(m.Object) && strings.HasSuffix(d.Path, ".image") || isMeshConfig(key, d.Path) || istiodsOwn(key, d.Path) {
			continue // said by images, POST004 and POST002
		}
		if d.Path == "spec.replicas" && autoscaled(live.Object) {
			continue // whether the installation brings the autoscaler or somebody else
		}
		if m.Component == "Base" && ownership(d.Path) {
			continue // revisions share these objects; the last one signs them
		}
		have, want := finding.Apart(d.Live, d.Want, 80)
		p.Reportf(snapshot.Place(live.Object, d.Path), "%s was changed: %s is %s, expected is %s", key, d.Path, brief(have), brief(want)).Severity = finding.Warning
	}
}

// autoscaled says whether an autoscaler set the replicas: its controller writes
// them through the subresource scale, as kubectl scale does under its own name.
func autoscaled(o *unstructured.Unstructured) bool {
	return slices.ContainsFunc(o.GetManagedFields(), func(f metav1.ManagedFieldsEntry) bool {
		return f.Subresource == "scale" && f.Manager == "kube-controller-manager"
	})
}

// isMeshConfig tells the mesh config's own field in its ConfigMap, and what is
// in its text.
func isMeshConfig(key snapshot.Key, path string) bool {
	return key.Kind == "ConfigMap" && (key.Name == "istio" || strings.HasPrefix(key.Name, "istio-")) &&
		(path == "data.mesh" || strings.HasPrefix(path, "data.mesh:") || strings.HasPrefix(path, "data.mesh,"))
}

// ownership are the labels by which an installation signs its objects.
func ownership(path string) bool {
	label, isLabel := strings.CutPrefix(path, "metadata.labels.")
	return isLabel && (label == "istio.io/rev" || strings.HasPrefix(label, "operator.istio.io/") || strings.HasPrefix(label, "install.operator.istio.io/"))
}

// istiodsOwn are the fields of webhooks that istiod writes at any moment.
func istiodsOwn(key snapshot.Key, path string) bool {
	return strings.HasSuffix(key.Kind, "WebhookConfiguration") && strings.HasSuffix(path, ".caBundle") ||
		key.Kind == "ValidatingWebhookConfiguration" && strings.HasSuffix(path, ".failurePolicy")
}

func brief(text string) string {
	if text == "" {
		return "not set"
	}
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 80 {
		return fmt.Sprintf("%q", string(runes[:77])+"...")
	}
	return fmt.Sprintf("%q", text)
}
