package rendered

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func autoscalerBounds() *rule.Rule {
	return &rule.Rule{
		ID: "MAN007", Name: "autoscaler-bounds", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered autoscaler has a minimum above its maximum, or none at all.",
		Why:     "The API server refuses it, and the installation stops half-way.",
		Fix:     "Set autoscaleMin no higher than autoscaleMax, and both above 0.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, single(bounds)) },
	}
}

func bounds(o *unstructured.Unstructured) []problem {
	hpa, ok := autoscaler(o)
	if !ok {
		return nil
	}
	at := problem{path: "spec.minReplicas", text: fmt.Sprint(least(hpa)), severity: finding.Error}
	switch {
	case hpa.Spec.MaxReplicas < 1:
		at.path, at.text = "spec.maxReplicas", fmt.Sprint(hpa.Spec.MaxReplicas)
		at.message = fmt.Sprintf("maxReplicas is %d, and must be at least 1", hpa.Spec.MaxReplicas)
	case least(hpa) > hpa.Spec.MaxReplicas:
		at.message = fmt.Sprintf("minReplicas %d is above maxReplicas %d", least(hpa), hpa.Spec.MaxReplicas)
	default:
		return nil
	}
	return []problem{at}
}

func autoscaler(o *unstructured.Unstructured) (hpa autoscalingv2.HorizontalPodAutoscaler, ok bool) {
	return hpa, o.GetKind() == "HorizontalPodAutoscaler" && into(o.Object, &hpa)
}

func least(hpa autoscalingv2.HorizontalPodAutoscaler) int32 {
	if hpa.Spec.MinReplicas == nil {
		return 1
	}
	return *hpa.Spec.MinReplicas
}

func blockedEviction() *rule.Rule {
	return &rule.Rule{
		ID: "MAN008", Name: "blocked-eviction", Category: category, Severity: finding.Warning, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered PodDisruptionBudget forbids the eviction of every pod that it protects.",
		Why:     "No node that runs one of the pods can be drained, so upgrades of the cluster hang.",
		Fix:     "Run more replicas than the budget asks for, or lower the budget.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, blocked) },
	}
}

func blocked(manifests []snapshot.Manifest) []problem {
	var out []problem
	for _, m := range manifests {
		var pdb policyv1.PodDisruptionBudget
		if m.Object.GetKind() != "PodDisruptionBudget" || !into(m.Object.Object, &pdb) {
			continue
		}
		replicas, known := fewest(manifests, &pdb)
		at := problem{object: m.Object, severity: finding.Warning}
		switch {
		case zero(pdb.Spec.MaxUnavailable):
			at.path, at.text = "spec.maxUnavailable", "0"
			at.message = "maxUnavailable 0 lets no pod be evicted"
		case !known || pdb.Spec.MinAvailable == nil:
			continue
		default:
			need, err := intstr.GetScaledValueFromIntOrPercent(pdb.Spec.MinAvailable, int(replicas), true)
			if err != nil || need < int(replicas) || replicas == 0 {
				continue
			}
			at.path, at.text = "spec.minAvailable", pdb.Spec.MinAvailable.String()
			at.message = fmt.Sprintf("minAvailable %s of as few as %d replicas lets no pod be evicted", pdb.Spec.MinAvailable, replicas)
		}
		out = append(out, at)
	}
	return out
}

func zero(v *intstr.IntOrString) bool {
	return v != nil && (v.Type == intstr.Int && v.IntVal == 0 || v.Type == intstr.String && v.StrVal == "0%")
}

// fewest is the number of replicas that the one Deployment which a budget
// selects may shrink to; false where that is not certain.
func fewest(manifests []snapshot.Manifest, pdb *policyv1.PodDisruptionBudget) (int32, bool) {
	selector, err := metav1.LabelSelectorAsSelector(pdb.Spec.Selector)
	if err != nil {
		return 0, false
	}
	var found []*unstructured.Unstructured
	for _, m := range manifests {
		template, ok := podTemplate(m.Object)
		if ok && m.Object.GetNamespace() == pdb.Namespace && selector.Matches(labels.Set(template.Labels)) {
			found = append(found, m.Object)
		}
	}
	if len(found) != 1 || found[0].GetKind() != "Deployment" {
		return 0, false
	}
	for _, m := range manifests {
		hpa, ok := autoscaler(m.Object)
		if ok && hpa.Namespace == pdb.Namespace && hpa.Spec.ScaleTargetRef.Name == found[0].GetName() {
			return least(hpa), true
		}
	}
	replicas, set, err := unstructured.NestedInt64(found[0].Object, "spec", "replicas")
	if !set {
		replicas = 1
	}
	return int32(replicas), err == nil
}
