package live

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func signingCertificate() *rule.Rule {
	return &rule.Rule{
		ID: "POST020", Name: "signing-certificate", Category: "Certificates", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.IstiodMetrics},
		Summary: "The certificate that an istiod signs with has expired or will within 60 days, by istiod's own count.",
		Why:     "What an expired intermediate signed is refused by every proxy, at the latest a day after.",
		Fix:     "Renew the intermediate in Secret cacerts and restart istiod.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, told := range p.IstiodMetrics {
				if told.Unknown != "" {
					p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
					continue
				}
				for _, m := range told.Value {
					switch {
					case m.Name == "citadel_server_root_cert_expiry_timestamp":
						looked++ // POST013 judges roots
					case m.Name == "citadel_server_cert_chain_expiry_timestamp" && m.Value > 0:
						ends(p, told.Pod, time.Unix(int64(m.Value), 0))
					}
				}
			}
			if looked == 0 {
				p.Undecidedf("no istiod counts the days of its certificates; another CA may sign")
			}
			p.Lookedf("what %s signs with ends in more than 60 days", finding.Count(looked, "istiod pod"))
		},
	}
}

func ends(p *rule.Pass, pod *corev1.Pod, end time.Time) {
	at := finding.Location{Object: "Pod/" + podName(pod)}
	switch left := end.Sub(p.Now); {
	case left < 0:
		p.Reportf(at, "the certificate that istiod's pod %s signs with expired on %s", pod.Name, day(end))
	case left < soon:
		p.Reportf(at, "the certificate that istiod's pod %s signs with expires on %s, in %d days", pod.Name, day(end), int(left.Hours()/24)).Severity = finding.Warning
	}
}
