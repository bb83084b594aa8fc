package observability

import (
	"cmp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// addonOf tells the programs that people look at a mesh with by their labels;
// "" for others.
func addonOf(d *appsv1.Deployment) string {
	name := cmp.Or(d.Labels["app.kubernetes.io/name"], d.Labels["app"])
	if slices.Contains([]string{"kiali", "grafana", "prometheus", "jaeger"}, name) {
		return name
	}
	return ""
}

func placeOf(d *appsv1.Deployment) finding.Location {
	return finding.Location{Object: "Deployment/" + d.Namespace + "/" + d.Name}
}

func sampleAddons() *rule.Rule {
	return &rule.Rule{
		ID: "OBS003", Name: "sample-addons", Category: category, Severity: finding.Info,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Deployments, snapshot.Platform},
		Summary: "Prometheus, Grafana or Jaeger runs as in Istio's samples, with its data in an emptyDir.",
		Why:     "The samples are for a first look: one replica, no authentication, and all data is gone with the pod.",
		Fix:     "Use an installation that is managed and keeps its data, with Prometheus federated where the mesh is large.",
		Hints:   []string{"O2"},
		Run: func(p *rule.Pass) {
			for _, d := range p.Deployments {
				if volume := scratch(d); addonOf(d) != "" && volume != "" && !slices.Contains(playgrounds(), p.Target.Platform) {
					p.Reportf(placeOf(d), "%s in namespace %s keeps its data in the emptyDir %s, as Istio's sample does: it is gone with the pod", addonOf(d), d.Namespace, volume)
				}
			}
			p.Lookedf("no addon of Istio's samples is in use")
		},
	}
}

// playgrounds are the platforms where samples are in their place.
func playgrounds() []string { return []string{"kind", "minikube", "k3d", "docker-desktop"} }

// scratch is the volume of a sample that should keep its data: the samples'
// own names, in the namespace of Istio.
func scratch(d *appsv1.Deployment) string {
	want := map[string]string{"prometheus": "storage-volume", "grafana": "storage", "jaeger": "data"}[addonOf(d)]
	for _, v := range d.Spec.Template.Spec.Volumes {
		if v.Name == want && v.EmptyDir != nil && strings.HasPrefix(d.Namespace, "istio") {
			return v.Name
		}
	}
	return ""
}

func addonsReady() *rule.Rule {
	return &rule.Rule{
		ID: "OBS010", Name: "addons-ready", Category: category, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Deployments},
		Summary: "Kiali, Grafana, Prometheus or Jaeger is in the cluster and not ready.",
		Why:     "Dashboards are empty just when they are needed.",
		Fix:     "Look at the pods of that Deployment and their events.",
		Hints:   []string{"O2"},
		Run: func(p *rule.Pass) {
			var looked []string
			for _, d := range p.Deployments {
				wanted := int32(1)
				if d.Spec.Replicas != nil {
					wanted = *d.Spec.Replicas
				}
				if addonOf(d) == "" || wanted == 0 {
					continue // somebody switched it off
				}
				looked = append(looked, addonOf(d)+" in "+d.Namespace)
				if d.Status.AvailableReplicas < wanted {
					p.Reportf(placeOf(d), "%s in namespace %s has %d of %d pods available%s", addonOf(d), d.Namespace, d.Status.AvailableReplicas, wanted, whyNot(d))
				}
			}
			slices.Sort(looked)
			p.Lookedf("ready: %s", cmp.Or(strings.Join(looked, ", "), "no addon is in the cluster"))
		},
	}
}

func whyNot(d *appsv1.Deployment) string {
	for _, c := range d.Status.Conditions {
		if c.Status == corev1.ConditionFalse && c.Message != "" {
			return ": " + c.Message
		}
	}
	return ""
}
