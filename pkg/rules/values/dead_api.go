package values

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func deadAPI() *rule.Rule {
	return &rule.Rule{
		ID: "DOC009", Name: "dead-api", Category: filesCategory, Severity: finding.Error,
		Stages: validate(), Needs: documents(),
		Summary: "A file installs Istio through an API that no supported program reads.",
		Why:     "The object is refused or ignored, and with it everything that it configures.",
		Fix:     "Move the settings to the API that the message names.",
		Run: func(p *rule.Pass) {
			for _, d := range p.Documents {
				for _, root := range append(d.Root.Field("items").Items(), d.Root) {
					if instead := successor(root.Str("apiVersion"), root.Str("kind")); instead != "" {
						p.Reportf(root.Field("apiVersion"), "%s of %s is a dead API: %s", root.Str("kind"), root.Str("apiVersion"), instead)
					}
				}
			}
		},
	}
}

// successor says what became of an API; "" for living ones.
func successor(version, kind string) string {
	group, name, _ := strings.Cut(version, "/")
	switch {
	case version == "install.istio.io/v1alpha2" && kind == "IstioControlPlane":
		return "IstioOperator of install.istio.io/v1alpha1 replaced it in Istio 1.5"
	case group == "maistra.io" && strings.HasPrefix(kind, "ServiceMesh"):
		return "OpenShift Service Mesh 3 installs with Istio and IstioCNI of sailoperator.io/v1"
	case group == "operator.istio.io" && (kind == "Istio" || kind == "IstioRevision" || kind == "IstioCNI"):
		return "Sail moved it to sailoperator.io/v1"
	case group == "sailoperator.io" && name == "v1alpha1" && kind != "ZTunnel":
		return "Sail 1.0 replaced it with sailoperator.io/v1"
	}
	return ""
}

// dead says whether a document is of a dead API.
func dead(d *document.Document) bool {
	return successor(d.Root.Str("apiVersion"), d.Root.Str("kind")) != ""
}
