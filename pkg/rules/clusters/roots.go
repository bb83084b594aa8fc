package clusters

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func roots() *rule.Rule {
	return about(rule.Rule{
		ID: "MC005", Name: "different-roots", Severity: finding.Error,
		Summary: "Two clusters of a mesh have no root certificate in common.",
		Why:     "A proxy trusts only certificates that lead to the root of its own cluster, so mutual TLS between the two fails.",
		Fix:     "Sign with intermediate certificates of one root in both clusters (Secret cacerts), or have both hand out both roots.",
	}, func(p *rule.Pass, g *group) {
		var earlier []*member
		for _, m := range g.members {
			own := m.trusted()
			if len(own) == 0 {
				p.Undecidedf("%s: no %s in namespace %s", m.name, snapshot.RootCA, m.Root)
				continue
			}
			if apart := m.apart(p, earlier); len(apart) > 0 {
				f := p.Reportf(finding.Location{Cluster: m.name, Object: "ConfigMap/" + m.Root + "/" + snapshot.RootCA, Path: "data.root-cert.pem"},
					"none of the roots here (SHA-256 %.12s) is one of %s: mutual TLS between the %s fails; sign in %s with one root",
					own[0], rule.First(apart), counted(len(apart), "two clusters", "clusters"), counted(len(apart), "both", "all"))
				if !g.joined {
					f.Severity = finding.Warning // nothing says that they call one another
				}
			}
			earlier = append(earlier, m)
		}
	}, snapshot.RootCerts)
}

// apart are those of other clusters that have no root in common with this one.
func (m *member) apart(p *rule.Pass, others []*member) (out []string) {
	own := m.trusted()
	for _, o := range others {
		theirs := o.trusted()
		switch {
		case slices.ContainsFunc(own, func(print string) bool { return slices.Contains(theirs, print) }):
		case len(m.Config.GetCaCertificates())+len(o.Config.GetCaCertificates()) > 0:
			p.Undecidedf("%s: caCertificates of the mesh config may have the root of the other cluster", m.name)
		default:
			out = append(out, fmt.Sprintf("%s (%.12s)", o.name, theirs[0]))
		}
	}
	return out
}

func counted(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
