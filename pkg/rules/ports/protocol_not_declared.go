package ports

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func protocolNotDeclared() *rule.Rule {
	return &rule.Rule{
		ID: "SVC005", Name: "protocol-not-declared", Category: category, Severity: finding.Info,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services},
		Summary: "A port of a Service says by neither name nor appProtocol which protocol it has.",
		Why:     "istiod then guesses from the first bytes of each connection, which takes time, fails for protocols in which the server speaks first, and HTTP routes and policies hold only where it guesses HTTP.",
		Fix:     "Set appProtocol, or name the port <protocol> or <protocol>-<suffix>: http, http2, https, grpc, grpc-web, tcp, tls, mongo, mysql, redis, udp.",
		Hints:   []string{"S14"}, Equivalents: []string{"IST0118", "KIA0601", "KIA0602"},
		Run: func(p *rule.Pass) {
			looked := 0
			for _, s := range services(p.Snapshot) {
				if s.Spec.Type == corev1.ServiceTypeExternalName {
					continue
				}
				looked++
				var ports []string
				first := -1
				for i, port := range s.Spec.Ports {
					if undeclared(port) {
						if first < 0 {
							first = i
						}
						ports = append(ports, portName(port))
					}
				}
				if first < 0 {
					continue
				}
				p.Reportf(snapshot.Place(s, undeclaredPath(s.Spec.Ports[first], first)), "no protocol is declared for port %s, so istiod guesses it; set appProtocol, or begin its name with one, such as http- or tcp-", rule.First(ports))
			}
			p.Lookedf("the ports of %s", finding.Count(looked, "Service"))
		},
	}
}

// undeclaredPath is where a port fails to say its protocol.
func undeclaredPath(p corev1.ServicePort, i int) string {
	at := fmt.Sprintf("spec.ports[%d]", i)
	switch {
	case p.AppProtocol != nil:
		return at + ".appProtocol"
	case p.Name != "":
		return at + ".name"
	}
	return at
}

// portName names a port with what it says of its protocol.
func portName(p corev1.ServicePort) string {
	switch {
	case p.AppProtocol != nil:
		return fmt.Sprintf("%d (appProtocol %s)", p.Port, *p.AppProtocol)
	case p.Name != "":
		return fmt.Sprintf("%d (%s)", p.Port, p.Name)
	}
	return fmt.Sprint(p.Port)
}
