package others

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// The in-cluster operator, which Istio 1.24 dropped.
const (
	operatorName = "istio-operator"
	operatorCRD  = "istiooperators.install.istio.io"
)

func operatorLeftovers() *rule.Rule {
	return &rule.Rule{
		ID: "PRE007", Name: "operator-leftovers", Category: "Istio", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.CRDs, snapshot.Operators, snapshot.Deployments},
		Summary: "The in-cluster operator of Istio, which is gone since 1.24, or what it left is still there.",
		Why:     "A running operator takes back what a newer installation changes; IstioOperator objects in a cluster look as if somebody obeyed them.",
		Fix:     "Delete the operator's Deployment, then its IstioOperator objects (without their finalizers) and the CRD, and keep only what istioctl, meshctl or Helm manages.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			if p.Target.Istio.Before(facts.Minor{Major: 1, Minor: 24}) {
				p.Lookedf("Istio %s still has the operator", p.Target.Istio)
				return
			}
			for _, d := range p.Deployments {
				if runsOperator(d) {
					p.Reportf(snapshot.Place(d, "spec"), "Istio's in-cluster operator runs in namespace %s and takes back what is changed; Istio %s has none, so delete it before you install", d.Namespace, p.Target.Istio)
				}
			}
			leftObjects(p)
			p.Lookedf("no operator, no IstioOperator objects")
		},
	}
}

// runsOperator tells the operator by its image, or by its name where that was
// taken from elsewhere.
func runsOperator(d *appsv1.Deployment) bool {
	if d.Spec.Replicas != nil && *d.Spec.Replicas == 0 {
		return false
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		image, _, _ := strings.Cut(c.Image[strings.LastIndex(c.Image, "/")+1:], ":")
		if c.Name == operatorName && (image == "operator" || d.Name == operatorName || strings.HasPrefix(d.Name, operatorName+"-")) {
			return true
		}
	}
	return false
}

// leftObjects reports IstioOperator objects, and else the CRD alone, which
// every installation up to 1.23 brought.
func leftObjects(p *rule.Pass) {
	var names []string
	for _, o := range p.Operators {
		names = append(names, o.Namespace+"/"+o.Name)
	}
	if len(names) > 0 {
		p.Reportf(snapshot.KeyOf(p.Operators[0]), "nobody reads IstioOperator objects in the cluster since Istio 1.24: %s; keep them as files for istioctl or meshctl, and delete them here",
			rule.Some(names)).Severity = finding.Info
		return
	}
	for _, crd := range p.CRDs {
		if crd.Name == operatorCRD {
			p.Reportf(snapshot.KeyOf(crd), "CRD %s is left of an Istio before 1.24; nothing uses it", operatorCRD).Severity = finding.Info
		}
	}
}
