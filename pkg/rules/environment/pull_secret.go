package environment

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func pullSecret() *rule.Rule {
	return &rule.Rule{
		ID: "PRE019", Name: "pull-secret", Category: "Images", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.PullSecrets},
		Summary: "A Secret for pulling images is missing, or is of another type.",
		Why:     "The kubelet goes on without it, and a registry that wants a password then refuses the images.",
		Fix:     "Create it in that namespace with `kubectl create secret docker-registry`, or correct the name in the values.",
		Hints:   []string{"S1", "S2"},
		Run: func(p *rule.Pass) {
			for _, s := range p.PullSecrets {
				at := snapshot.Key{Kind: "Secret", Namespace: s.Namespace, Name: s.Name}
				switch {
				case s.Unknown != "":
					p.Undecidedf("%s: %s", at, s.Unknown)
				case !s.Found:
					weigh(p, s.Namespace, p.Reportf(at, "%s names it for pulling images, and it does not exist; create it in namespace %s before the installation", s.By, s.Namespace))
				case s.Type != string(corev1.SecretTypeDockerConfigJson) && s.Type != string(corev1.SecretTypeDockercfg):
					weigh(p, s.Namespace, p.Reportf(at, "%s names it for pulling images, and its type is %s; the kubelet reads %s and %s only", s.By, s.Type, corev1.SecretTypeDockerConfigJson, corev1.SecretTypeDockercfg))
				}
			}
			p.Lookedf("%s for pulling images", counted(len(p.PullSecrets), "Secret", "Secrets"))
		},
	}
}

// weigh makes less of a Secret that nothing needs: Istio's own registries ask
// for no password.
func weigh(p *rule.Pass, namespace string, f *finding.Finding) {
	for _, w := range workloads(p) {
		if w.key.Namespace == namespace && !officialImages(w) {
			return
		}
	}
	f.Severity = finding.Warning
}
