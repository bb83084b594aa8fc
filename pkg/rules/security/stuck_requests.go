package security

import (
	"fmt"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// answerTime is how long a signer may take: istiod gives up sooner.
const answerTime = 5 * time.Minute

func stuckRequests() *rule.Rule {
	return &rule.Rule{
		ID: "CSR011", Name: "signing-requests", Category: certificates, Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.SigningRequests},
		Summary: "A certificate that istiod asked Kubernetes for was denied, failed, or is not signed.",
		Why:     "The workloads that it was for have no certificate, or soon none that is valid.",
		Fix:     "See that the controller of the signer runs, accepts the usages, and that nobody denies the requests.",
		Hints:   []string{"C1"},
		Run: func(p *rule.Pass) {
			var groups [3][]*certificatesv1.CertificateSigningRequest
			looked := 0
			for _, r := range p.SigningRequests {
				if !byIstiod(p, r) {
					continue
				}
				looked++
				if s := stateOf(r, p.Now); s != fine {
					groups[s-1] = append(groups[s-1], r)
				}
			}
			p.Lookedf("%s of istiod", finding.Count(looked, "request"))
			for i, requests := range groups {
				if len(requests) > 0 {
					reportRequests(p, state(i+1), requests)
				}
			}
		},
	}
}

// byIstiod says whether one of the control planes made a request.
func byIstiod(p *rule.Pass, r *certificatesv1.CertificateSigningRequest) bool {
	for _, c := range p.Configs {
		if c.HoldsMesh() && r.Spec.Username == "system:serviceaccount:"+c.Namespace()+":"+account(c) {
			return true
		}
	}
	return false
}

// state is what became of a request.
type state int

const (
	fine state = iota
	refused
	unapproved
	unsigned
)

func stateOf(r *certificatesv1.CertificateSigningRequest, now time.Time) state {
	approved := false
	for _, c := range r.Status.Conditions {
		switch c.Type {
		case certificatesv1.CertificateDenied, certificatesv1.CertificateFailed:
			return refused
		case certificatesv1.CertificateApproved:
			approved = true
		}
	}
	switch old := now.Sub(r.CreationTimestamp.Time) > answerTime; {
	case len(r.Status.Certificate) > 0 || !old:
		return fine
	case approved:
		return unsigned
	}
	return unapproved
}

func reportRequests(p *rule.Pass, s state, requests []*certificatesv1.CertificateSigningRequest) {
	first := requests[0]
	more := ""
	if n := len(requests) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	at := snapshot.Place(first, "status")
	signer := first.Spec.SignerName
	switch s {
	case refused:
		p.Reportf(at, "signer %s was asked and the request denied or failed%s: %s", signer, more, because(first))
	case unapproved:
		p.Reportf(at, "nobody has approved the request for signer %s%s; see that istiod may approve for it", signer, more)
	case unsigned:
		p.Reportf(at, "the request was approved and signer %s has signed nothing%s; see that its controller runs", signer, more)
	}
}

func because(r *certificatesv1.CertificateSigningRequest) string {
	for _, c := range r.Status.Conditions {
		if c.Type != certificatesv1.CertificateApproved {
			return strings.TrimSpace(c.Reason + " " + c.Message)
		}
	}
	return "no reason given"
}
