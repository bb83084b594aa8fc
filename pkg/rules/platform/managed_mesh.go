package platform

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// managedMesh goes by what the vendors' pages say of their own Istio. Only
// that of AKS is known for sure not to go along with another one; the rest is
// worth knowing. Control planes of an operator are PRE008's and PRE032's.
func managedMesh() *rule.Rule {
	return &rule.Rule{
		ID: "PLT010", Name: "managed-mesh", Category: "Platform", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.ControlPlanes, snapshot.Deployments, snapshot.CRDs},
		Summary: "The platform runs an Istio of its own in the cluster, or an operator that installs one.",
		Why:     "It brings Istio's CRDs and webhooks too, of its own version, and puts them back or takes them away when it is updated.",
		Fix:     "Use the platform's Istio, or switch it off before you install another one.",
		Hints:   []string{"S1", "S5"},
		Run: func(p *rule.Pass) {
			p.Lookedf("%s, %s and %s", finding.Count(len(p.ControlPlanes), "control plane"), finding.Count(len(p.Deployments), "deployment"), finding.Count(len(p.CRDs), "CRD"))
			if !installed(p, "pilot") && !installed(p, "base") {
				return // gateways alone are for whichever control plane there is
			}
			azureMesh(p)
			ibmMesh(p)
			for _, o := range meshOperators() {
				operatorOf(p, o)
			}
		},
	}
}

// azureMesh names the revisions of the add-on, of which there are two while it
// is upgraded.
func azureMesh(p *rule.Pass) {
	var revisions []string
	var at finding.Locator
	for _, d := range p.ControlPlanes {
		if d.GetNamespace() == facts.AzureMesh {
			revisions, at = append(revisions, d.GetLabels()["istio.io/rev"]), snapshot.KeyOf(d)
		}
	}
	if slices.Sort(revisions); len(revisions) > 0 {
		p.Reportf(at, "the Istio add-on of AKS runs here, revision %s, and AKS supports no other Istio beside it; use the add-on, or switch it off with `az aks mesh disable`", strings.Join(revisions, " and "))
	}
}

func ibmMesh(p *rule.Pass) {
	for _, d := range p.Deployments {
		if d.Namespace == "ibm-operators" && strings.Contains(d.Name, "istio") {
			p.Reportf(snapshot.KeyOf(d), "IBM's managed Istio add-on is here and installs Istio itself; use it, or disable the add-on before you install another Istio").Severity = finding.Info
			return
		}
	}
}

// meshOperator is known by the CRD of what it obeys.
type meshOperator struct{ crd, name, instead string }

func meshOperators() []meshOperator {
	return []meshOperator{
		{"controlplanerevisions.mesh.cloud.google.com", "Google's Cloud Service Mesh", "use it, or take the cluster out of its fleet's mesh"},
		{"servicemeshcontrolplanes.maistra.io", "the operator of OpenShift Service Mesh 2", "install by a ServiceMeshControlPlane, or remove the operator"},
		{"istios.sailoperator.io", "the Sail operator, which is OpenShift Service Mesh 3,", "install by an Istio object, or remove the operator"},
	}
}

// operatorOf reports an operator by its CRD. Where its control plane runs,
// the rules about control planes and owners have named it.
func operatorOf(p *rule.Pass, o meshOperator) {
	for _, d := range p.ControlPlanes {
		if who, known := snapshot.KeeperOf(d); known && who.Insists {
			return
		}
	}
	for _, crd := range p.CRDs {
		if crd.Name == o.crd {
			p.Reportf(snapshot.KeyOf(crd), "%s is installed here and brings Istio's CRDs, as this installation does; %s", o.name, o.instead).Severity = finding.Info
		}
	}
}
