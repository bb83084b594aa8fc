package rendered

import (
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func doesNotRender() *rule.Rule {
	return &rule.Rule{
		ID: "MAN001", Name: "does-not-render", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "Istio's own renderer refuses the configuration.",
		Why:     "istioctl and helm stop with the same message, and nothing is installed.",
		Fix:     "Change or remove the value that the finding names.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for i := range p.Renderings {
				r := &p.Renderings[i]
				for _, refused := range r.Refusals {
					refuse(p, r, refused)
				}
				if r.Unknown != "" && len(r.Refusals) == 0 {
					p.Undecidedf("%s", r.Unknown)
				}
			}
		},
	}
}

func refuse(p *rule.Pass, r *snapshot.Rendering, refused snapshot.Refusal) {
	if len(refused.Causes) == 0 {
		at := r.Config.Root.Location()
		p.Reportf(finding.Location{File: at.File}, "%s does not render: %s", r.Config.Name(), refused.Message)
		return
	}
	blame(p.Reportf(pointed(refused.Causes), "Istio refuses this: %s", refused.Message), refused.Causes)
}
