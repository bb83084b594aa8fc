package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func externalCAPlace() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR005", Name: "external-ca-place", Severity: finding.Error,
		Summary: "EXTERNAL_CA is set where the chart does not see it.",
		Why:     "The variable reaches istiod but the chart adds no permission for signing requests, so each request is forbidden.",
		Fix:     "Set it in values.pilot.env (pilot.env or env of chart istiod).",
	}, func(p *rule.Pass, c csr) {
		if c.granted() || c.ownRole() {
			return
		}
		at := c.others["EXTERNAL_CA"]
		if at == nil {
			at = c.overlaid()
		}
		if at != nil {
			p.Reportf(at, "EXTERNAL_CA is set here, where the chart does not look when it writes istiod's ClusterRole; set it in pilot.env")
		}
	})
}

// raPrefix is what people leave out of the value.
const raPrefix = "ISTIOD_RA_"

// overlays are the patches that an IstioOperator makes to istiod's objects.
func (c csr) overlays() []*document.Value {
	return c.Root.At("spec", "components", "pilot", "k8s", "overlays").Items()
}

// ownRole says whether the user patches a role, maybe with the permissions.
func (c csr) ownRole() bool {
	for _, o := range c.overlays() {
		if o.Str("kind") == "ClusterRole" {
			return true
		}
	}
	return false
}

// overlaid is the variable in a patch.
func (c csr) overlaid() *document.Value {
	for _, o := range c.overlays() {
		for _, patch := range o.Field("patches").Items() {
			if at := patch.Field("value"); mentions(at) != nil {
				return mentions(at)
			}
		}
	}
	return nil
}

func mentions(v *document.Value) *document.Value {
	if v.Str("name") == "EXTERNAL_CA" {
		return v.Field("name")
	}
	for _, child := range append(v.Fields(), v.Items()...) {
		if found := mentions(child); found != nil {
			return found
		}
	}
	return nil
}

func externalCAValue() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR008", Name: "external-ca-value", Severity: finding.Error,
		Summary: "EXTERNAL_CA has a value that istiod does not know.",
		Why:     "istiod then has no registration authority and does not start to sign.",
		Fix:     "Write ISTIOD_RA_KUBERNETES_API, the only value there is.",
	}, func(p *rule.Pass, c csr) {
		v := c.env("EXTERNAL_CA")
		if v != nil && v.Text != kubernetesRA && v.Placeholder() == "" {
			f := p.Reportf(v, "EXTERNAL_CA %q is not known; write %s", v.Text, kubernetesRA)
			if strings.EqualFold(strings.TrimPrefix(v.Text, raPrefix), strings.TrimPrefix(kubernetesRA, raPrefix)) {
				f.Propose(v.Replace(kubernetesRA, document.String), "write %s", kubernetesRA)
			}
		}
	})
}
