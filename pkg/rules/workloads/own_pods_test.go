package workloads

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestLabelsOfKustomization(t *testing.T) {
	for text, want := range map[string][]string{
		"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncommonLabels: {app: cart}\n":                              {"a kustomization adds labels"},
		"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nlabels: [{pairs: {app: cart}, includeSelectors: true}]\n": {"a kustomization adds labels"},
		"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [cart.yaml]\n":                                 nil,
	} {
		snap := &snapshot.Snapshot{Documents: document.Parse("kustomization.yaml", []byte(text))}
		web := &appsv1.Deployment{}
		web.Spec.Template.Labels = map[string]string{"app": "web"}
		snap.Deployments = []*appsv1.Deployment{web}
		p := rule.NewPass(ownPods(), snap)
		ownPods().Run(p)
		if got := p.Undecided(); !slices.Equal(got, want) || len(p.Findings()) != 1-len(want) {
			t.Errorf("%s: undecided %q and %d findings, want %q", text, got, len(p.Findings()), want)
		}
	}
}

// TestPatch wants no verdict about what may be laid over another object.
func TestPatch(t *testing.T) {
	snap := &snapshot.Snapshot{}
	snap.Deployments = []*appsv1.Deployment{{}}
	p := rule.NewPass(ownPods(), snap)
	ownPods().Run(p)
	if len(p.Findings()) > 0 || len(p.Undecided()) != 1 {
		t.Errorf("%d findings, undecided %q", len(p.Findings()), p.Undecided())
	}
}
