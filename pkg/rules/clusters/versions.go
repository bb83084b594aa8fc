package clusters

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func versions() *rule.Rule {
	return about(rule.Rule{
		ID: "MC009", Name: "control-planes-apart", Severity: finding.Info,
		Summary: "The control planes of a mesh are more than one minor version apart.",
		Why:     "Each reads what is in the other clusters by its own rules, and gateways of one version serve proxies of the other.",
		Fix:     "Upgrade the older one.",
	}, func(p *rule.Pass, g *group) {
		newest, at := facts.Minor{}, (*member)(nil)
		for _, m := range g.primaries() {
			if v := m.version(); newest.Before(v) {
				newest, at = v, m
			}
		}
		for _, m := range g.primaries() {
			if v := m.version(); v.Known() && newest.Minor-v.Minor > 1 {
				p.Reportf(m.at(m.ControlPlanes[0], ""), "istiod is %s here and %s in %s: upgrade it", v, newest, at.name)
			}
		}
	})
}

// version is that of the newest control plane; zero where no image tells.
func (m *member) version() facts.Minor {
	var out facts.Minor
	for _, d := range m.ControlPlanes {
		if v, err := snapshot.ControlPlaneMinor(d); err == nil && out.Before(v) {
			out = v
		}
	}
	return out
}
