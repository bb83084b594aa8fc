package live

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// presented judges the certificates that istiods present to the API server, as
// it verifies them.
type presented struct {
	p      *rule.Pass
	said   map[string]bool // findings, of which several webhooks may be the cause
	seen   int
	unseen string
}

// judge says whether it could be told if the API server trusts the istiods of
// a webhook, all of them. What it does not trust is reported.
func (s *presented) judge(h hook) bool {
	bundle, err := certificates(h.bundle)
	if err != nil {
		return false // reported as unreadable
	}
	judged := false
	for _, told := range s.p.ServedCerts {
		switch {
		case told.Pod.Namespace != h.service.Namespace || told.Pod.Labels["istio.io/rev"] != h.config.GetLabels()["istio.io/rev"]:
		case told.Unknown != "" || len(told.Value) == 0:
			s.unseen = told.Unknown
			return false
		default:
			judged = true
			s.compare(h, bundle, told)
		}
	}
	return judged
}

func (s *presented) compare(h hook, bundle []*x509.Certificate, told snapshot.Told[[]*x509.Certificate]) {
	leaf := told.Value[0]
	s.seen++
	if err := vouched(leaf, told.Value[1:], bundle, h.service.Name+"."+h.service.Namespace+".svc", s.p.Now); err != nil {
		s.once(podName(told.Pod)+snapshot.KeyOf(h.config).String(), func() {
			s.p.Reportf(h.at("clientConfig.caBundle"), "the API server will not trust the certificate that istiod's pod %s presents to webhook %s: %v", told.Pod.Name, h.name, err)
		})
		return
	}
	if left := leaf.NotAfter.Sub(s.p.Now); left < patienceWith(leaf) {
		s.once(podName(told.Pod), func() {
			at := finding.Location{Object: "Pod/" + podName(told.Pod)}
			s.p.Reportf(at, "the certificate that istiod's pod %s presents to the API server expires on %s, in %d days; restart istiod, or see that whoever issues it renews it",
				told.Pod.Name, day(leaf.NotAfter), int(left.Hours()/24)).Severity = finding.Warning
		})
	}
}

// vouched verifies a certificate as the API server does: for the name of the
// webhook's service, by the bundle alone. A certificate of this moment is not
// held against a clock that is behind.
func vouched(leaf *x509.Certificate, between, bundle []*x509.Certificate, name string, now time.Time) error {
	if early := leaf.NotBefore.Sub(now); early > 0 && early < skew {
		now = leaf.NotBefore
	}
	options := x509.VerifyOptions{DNSName: name, Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now}
	for _, c := range bundle {
		options.Roots.AddCert(c)
	}
	for _, c := range between {
		options.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(options)
	return err
}

// patienceWith is when the end of a certificate is worth a word. What lives
// for days or hours is renewed by a program, at half or two thirds of its
// life; it counts when that is long overdue.
func patienceWith(c *x509.Certificate) time.Duration {
	return min(soon, c.NotAfter.Sub(c.NotBefore)/6)
}

func (s *presented) once(key string, report func()) {
	if !s.said[key] {
		s.said[key] = true
		report()
	}
}

// looked says what else was seen, or why not.
func (s *presented) looked() string {
	switch {
	case s.unseen != "":
		return fmt.Sprintf("; what istiod presents itself was not seen: %s", clause(s.unseen))
	case s.seen > 0:
		return ", which the API server can verify"
	}
	return ""
}

// clause is enough of a cause for a line that says that all is well.
func clause(text string) string {
	runes := []rune(oneLine(text))
	if len(runes) <= 80 {
		return string(runes)
	}
	words := string(runes[:80])
	if cut := strings.LastIndex(words, " "); cut > 0 {
		words = words[:cut]
	}
	return words + " ..."
}
