package engine

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

// TestAnnotated wants the word of objects of every kind to be obeyed, and none
// that may be a copy to be found useless.
func TestAnnotated(t *testing.T) {
	s := &snapshot.Snapshot{}
	s.Provide(snapshot.Documents)
	ignore := func(o snapshot.Object, kind string) {
		o.GetObjectKind().SetGroupVersionKind(admissionv1.SchemeGroupVersion.WithKind(kind))
		o.SetName(kind)
		o.SetAnnotations(map[string]string{suppress.Annotation: "A001: known"})
	}
	hook, crd, injector, root := &unstructured.Unstructured{}, &metav1.PartialObjectMetadata{}, &corev1.ConfigMap{}, &corev1.ConfigMap{}
	secret, deployment, copied := &snapshot.Secret{}, &appsv1.Deployment{}, &appsv1.ReplicaSet{}
	objects := map[string]snapshot.Object{
		"MutatingWebhookConfiguration": hook, "CustomResourceDefinition": crd, "Injector": injector, "Root": root, "Secret": secret,
	}
	for kind, o := range objects {
		ignore(o, kind)
	}
	s.Webhooks, s.CRDs = []*unstructured.Unstructured{hook}, []*metav1.PartialObjectMetadata{crd}
	s.Injectors, s.RootCerts, s.Secrets = []*corev1.ConfigMap{injector}, []*corev1.ConfigMap{root}, []*snapshot.Secret{secret}
	ignore(deployment, "Deployment")
	ignore(copied, "ReplicaSet")
	controller := true
	copied.OwnerReferences = []metav1.OwnerReference{{Kind: "Deployment", Name: "Deployment", Controller: &controller}}
	s.Deployments, s.ReplicaSets = []*appsv1.Deployment{deployment}, []*appsv1.ReplicaSet{copied}

	about := ruleOf("A001", snapshot.Documents, func(p *rule.Pass) {
		for _, o := range objects {
			p.Reportf(snapshot.Place(o, ""), "wrong")
		}
	})
	var stale []string
	review := ruleOf("S001", snapshot.Documents, nil)
	review.Review = func(_ *rule.Pass, l *suppress.Ledger) {
		for _, e := range l.Stale(suppress.Object) {
			stale = append(stale, e.At.Object)
		}
	}
	rep := Run([]*rule.Rule{about, review}, s, Options{Stage: rule.Validate})
	if len(rep.Findings) > 0 || len(rep.Suppressed) != len(objects) || rep.Rule("A001").Outcome != report.Passed {
		t.Errorf("findings %+v, suppressed %d of %d", rep.Findings, len(rep.Suppressed), len(objects))
	}
	if len(stale) != 1 || stale[0] != "Deployment/Deployment" {
		t.Errorf("useless: %q, want that of the Deployment alone", stale)
	}
}
