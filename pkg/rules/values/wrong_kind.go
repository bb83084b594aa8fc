package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// operatorVersion is the only API version that IstioOperator ever had.
const operatorVersion = "install.istio.io/v1alpha1"

func wrongKind() *rule.Rule {
	return &rule.Rule{
		ID: "DOC005", Name: "wrong-kind", Category: filesCategory, Severity: finding.Error,
		Stages: validate(), Needs: documents(),
		Summary: "A file holds no Istio installation, or its kind or apiVersion is wrong.",
		Why:     "istioctl refuses a file without kind and takes any other text in the two fields; other programs skip the file.",
		Fix:     "Write apiVersion: install.istio.io/v1alpha1 and kind: IstioOperator, or name the chart with --chart.",
		Run: func(p *rule.Pass) {
			for _, d := range p.Documents {
				unusable(p, d)
			}
			for _, c := range p.Configs {
				if c.IsOperator() {
					identity(p, c)
				}
			}
		},
	}
}

// unusable reports documents without an installation. Beside others that
// have one it is a warning: a glob takes files of all kinds.
func unusable(p *rule.Pass, d *document.Document) {
	if dead(d) {
		return // DOC009 says more
	}
	for _, problem := range d.Problems {
		if problem.Kind != document.Empty && problem.Kind != document.NotOurs {
			continue
		}
		f := p.Reportf(problem.At, "%s", problem.Message)
		if len(p.Configs) > 0 {
			f.Severity = finding.Warning
		}
	}
}

func identity(p *rule.Pass, c *snapshot.Config) {
	kind, version := c.Root.Field("kind"), c.Root.Field("apiVersion")
	switch {
	case kind == nil && version == nil:
		p.Reportf(c.Nearest("spec"), "apiVersion and kind are missing, want %s and IstioOperator", operatorVersion)
	case kind == nil:
		p.Reportf(version.Key(), "kind is missing, want IstioOperator")
	case kind.Text != "IstioOperator":
		p.Reportf(kind, "kind %q is misspelt, want IstioOperator", kind.Text).
			Propose(kind.Replace("IstioOperator", document.String), "write IstioOperator")
	case version == nil:
		p.Reportf(kind.Key(), "apiVersion is missing, want %s", operatorVersion).
			Propose(c.Root.Above("apiVersion", operatorVersion), "set apiVersion: %s", operatorVersion)
	}
	if version != nil && version.Text != operatorVersion {
		f := p.Reportf(version, "apiVersion %q does not exist, want %s", version.Text, operatorVersion)
		if kind != nil {
			f.Propose(version.Replace(operatorVersion, document.String), "write %s", operatorVersion)
		}
	}
}
