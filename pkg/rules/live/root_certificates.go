package live

import (
	"crypto/x509"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func rootCertificates() *rule.Rule {
	return &rule.Rule{
		ID: "POST013", Name: "root-certificates", Category: "Certificates", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.RootCerts},
		Summary: "A root certificate of the mesh has expired or will within 60 days, cannot be read, or is too weak.",
		Why:     "Once the root has expired no proxy trusts any other, and the whole mesh stops answering at once.",
		Fix:     "Rotate the root in steps, with the old and the new one in the bundle for a while, and restart the workloads.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			seen := map[string]bool{}
			last := ""
			for _, m := range p.RootCerts {
				if text := m.Data[rootKey]; !seen[text] {
					seen[text] = true
					last = judgeRoots(p, m, text)
				}
			}
			if len(p.RootCerts) == 0 {
				p.Undecidedf("no namespace has a ConfigMap istio-ca-root-cert")
			}
			p.Lookedf("%s", last)
		},
	}
}

// judgeRoots reports what is wrong with the roots of a ConfigMap, and returns
// what they are. The same text in other namespaces has the same flaws.
func judgeRoots(p *rule.Pass, m *corev1.ConfigMap, text string) string {
	at := snapshot.Place(m, "data."+rootKey)
	certs, err := certificates([]byte(text))
	if err != nil {
		p.Reportf(at, "the root certificate in ConfigMap %s/%s cannot be read: %v", m.Namespace, m.Name, err)
		return ""
	}
	for _, c := range certs {
		for _, f := range flaws(c, p.Now) {
			found := p.Reportf(at, "root certificate %s %s", named(c), f.text)
			if !f.fatal || len(certs) > 1 {
				found.Severity = finding.Warning // with several roots the others still work
			}
		}
	}
	first := slices.MinFunc(certs, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	return "the root " + named(first) + " is valid until " + day(first.NotAfter)
}
