package values

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func versionNotKnown() *rule.Rule {
	return &rule.Rule{
		ID: "DOC008", Name: "version-not-known", Category: filesCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "An object installs an Istio version that the tables of this build do not cover.",
		Why:     "Its values are judged for the nearest version, so fields that came or went in between are misjudged.",
		Fix:     "Move to a supported Istio version, or use a newer meshctl.",
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				if c.Wrapper == nil || !c.Wrapper.Pinned.Known() {
					continue
				}
				if _, known := facts.ReleaseOf(c.Wrapper.Pinned); !known {
					p.Reportf(c.Wrapper.Version, "%s installs Istio %s, which this build does not know; its values are judged as those of %s",
						c.Name(), c.Wrapper.Pinned, c.Istio)
				}
			}
		},
	}
}
