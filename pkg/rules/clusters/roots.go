package clusters

import (
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
		var first *member
		for _, m := range g.members {
			own := m.trusted()
			if len(own) == 0 {
				p.Undecidedf("%s: no %s in namespace %s", m.name, snapshot.RootCA, m.Root)
				continue
			}
			if first == nil {
				first = m
				continue
			}
			theirs := first.trusted()
			switch apart := !slices.ContainsFunc(own, func(print string) bool { return slices.Contains(theirs, print) }); {
			case !apart:
			case len(m.Config.GetCaCertificates())+len(first.Config.GetCaCertificates()) > 0:
				p.Undecidedf("%s: caCertificates of the mesh config may have the root of the other cluster", m.name)
			default:
				f := p.Reportf(finding.Location{Cluster: m.name, Object: "ConfigMap/" + m.Root + "/" + snapshot.RootCA, Path: "data.root-cert.pem"},
					"none of the roots here (SHA-256 %.12s) is one of %s (%.12s): mutual TLS between the two clusters fails; sign in both with one root", own[0], first.name, theirs[0])
				if !g.joined {
					f.Severity = finding.Warning // nothing says that they call one another
				}
			}
		}
	}, snapshot.RootCerts)
}
