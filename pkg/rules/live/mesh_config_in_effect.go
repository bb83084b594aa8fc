package live

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func meshConfigInEffect() *rule.Rule {
	return &rule.Rule{
		ID: "POST007", Name: "mesh-config-in-effect", Category: "Mesh config", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Live, snapshot.MeshInEffect},
		Summary: "An istiod works with another mesh config than the one in its ConfigMap.",
		Why:     "istiod keeps the last mesh config that it could read, and after a restart runs on its defaults, with a line in its log only.",
		Fix:     "Correct the mesh config in the ConfigMap; where it is correct, restart istiod and read its log.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, m := range p.Rendered {
				want, isMesh, _ := unstructured.NestedString(m.Object.Object, "data", "mesh")
				if !isMesh {
					continue
				}
				live := p.Live[snapshot.KeyOf(m.Object)]
				if live.Object == nil && live.Unknown == "" {
					p.Undecidedf("%s is missing", snapshot.KeyOf(m.Object)) // POST001 reports it
					continue
				}
				if live.Object != nil {
					want, _, _ = unstructured.NestedString(live.Object.Object, "data", "mesh")
				}
				looked += inEffect(p, m.Object, live.Object, want)
			}
			p.Lookedf("the mesh config in effect in %s is that of its ConfigMap", finding.Count(looked, "istiod pod"))
		},
	}
}

// inEffect compares what each istiod of a ConfigMap works with, and says how
// many answered.
func inEffect(p *rule.Pass, rendered, live *unstructured.Unstructured, want string) int {
	looked, key := 0, snapshot.KeyOf(rendered)
	of := ofRevision(p.MeshInEffect, rendered)
	if len(of) == 0 {
		p.Undecidedf("no istiod runs that reads %s", key)
	}
	for _, told := range of {
		if told.Unknown != "" {
			p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
			continue
		}
		looked++
		differ, refused, err := unlike(want, told.Value)
		switch {
		case err != nil:
			p.Undecidedf("istiod's pod %s: %v", told.Pod.Name, err)
		case len(differ) == 0:
		case refused == nil && notYetSeen(p.Now, live, told.Pod):
			p.Undecidedf("%s was changed a moment ago, and istiod's pod %s does not work with it yet", key, told.Pod.Name)
		default:
			p.Reportf(key, "istiod's pod %s works with another mesh config: %s%s",
				told.Pod.Name, differing(differ), because(refused))
		}
	}
	return looked
}

func because(refused error) string {
	if refused == nil {
		return ""
	}
	return "; istiod refuses this one: " + oneLine(refused.Error())
}

func differing(fields []string) string {
	if len(fields) == 1 {
		return fields[0] + " differs"
	}
	return rule.First(fields) + " differ"
}

// ofRevision are the answers of those istiods that an object belongs to.
func ofRevision[T any](all []snapshot.Told[T], o *unstructured.Unstructured) []snapshot.Told[T] {
	return slices.DeleteFunc(slices.Clone(all), func(t snapshot.Told[T]) bool {
		return t.Pod.Namespace != o.GetNamespace() || t.Pod.Labels["istio.io/rev"] != o.GetLabels()["istio.io/rev"]
	})
}

// mountDelay is how long a kubelet may take to bring a changed ConfigMap into a
// pod.
const mountDelay = 2 * time.Minute

// notYetSeen says whether a ConfigMap was changed so short a time ago, and
// after the pod started, that istiod may not have seen it.
func notYetSeen(now time.Time, o *unstructured.Unstructured, pod *corev1.Pod) bool {
	if o == nil {
		return false
	}
	var changed time.Time
	for _, f := range o.GetManagedFields() {
		if f.Time != nil && f.Time.After(changed) {
			changed = f.Time.Time
		}
	}
	return now.Sub(changed) < mountDelay && pod.Status.StartTime != nil && pod.Status.StartTime.Time.Before(changed)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
