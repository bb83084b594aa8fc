package ports

import (
	"fmt"

	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func protocolsDisagree() *rule.Rule {
	return &rule.Rule{
		ID: "SVC008", Name: "protocols-disagree", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services},
		Summary: "The name of a port says one protocol, and its appProtocol another.",
		Why:     "appProtocol wins, and who reads the name expects something else.",
		Fix:     "Let both say the same.",
		Hints:   []string{"S14"},
		Run: func(p *rule.Pass) {
			for _, s := range services(p.Snapshot) {
				for i, port := range s.Spec.Ports {
					if named, told := declaredTwice(port); !alike(named, told) {
						p.Reportf(snapshot.Place(s, fmt.Sprintf("spec.ports[%d].appProtocol", i)), "port %d is named %s, but its appProtocol is %s, which wins; let both say the same", port.Port, port.Name, *port.AppProtocol)
						break
					}
				}
			}
			p.Lookedf("the ports of %s", finding.Count(len(p.Services), "Service"))
		},
	}
}

// declaredTwice is what the name and the appProtocol of a port say; both are
// the same where one of them says nothing.
func declaredTwice(p corev1.ServicePort) (named, told protocol.Instance) {
	if p.AppProtocol == nil || p.Protocol == corev1.ProtocolUDP {
		return "", ""
	}
	told = declared(p)
	p.AppProtocol, p.Port = nil, 0 // no port that is known by its number
	named = declared(p)
	if named.IsUnsupported() || told.IsUnsupported() {
		return "", ""
	}
	return named, told
}

// alike says whether proxies treat two protocols in the same way.
func alike(a, b protocol.Instance) bool {
	return a == b || a.IsTLS() && b.IsTLS() || a.IsHTTP2() && b.IsHTTP2()
}
