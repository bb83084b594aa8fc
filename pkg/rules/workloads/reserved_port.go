package workloads

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func reservedPort() *rule.Rule {
	return &rule.Rule{
		ID: "APP005", Name: "reserved-port", Category: requirements, Severity: finding.Error,
		Stages: analyze(), Needs: pods(),
		Summary: "An application's container uses a port that the proxy listens on.",
		Why:     "Containers of a pod share their ports: one of the two cannot listen, and its container does not become ready.",
		Fix:     "Let the application listen on another port; the Service can keep its own.",
		Hints:   []string{"S9"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			for _, w := range applications(m) {
				reserved := sidecarPorts
				switch {
				case m.InAmbient(w) == mesh.Yes:
					reserved = ambientPorts
				case !maybe(m, w):
					continue
				}
				looked++
				reportPorts(p, w, reserved)
			}
			p.Lookedf("%s in the mesh", finding.Count(looked, "workload"))
		},
	}
}

// reportPorts reports the ports of a workload that are reserved, at the first.
func reportPorts(p *rule.Pass, w *mesh.Workload, reserved func(int32) string) {
	var at, what, container string
	others := 0
	for _, c := range w.AppContainers() {
		for i, port := range c.Ports {
			use := reserved(port.ContainerPort)
			dns := port.ContainerPort == 15053
			if use == "" || c.Init || port.Protocol == corev1.ProtocolUDP && !dns {
				continue
			}
			if at != "" {
				others++
				continue
			}
			at, container = c.Path+".ports["+strconv.Itoa(i)+"].containerPort", c.Name
			what = strconv.Itoa(int(port.ContainerPort)) + ", which is the proxy's for " + use
		}
	}
	if at == "" {
		return
	}
	more := ""
	if others > 0 {
		more = " (and " + strconv.Itoa(others) + " more like it)"
	}
	p.Reportf(w.At(at), "container %s uses port %s%s; let it listen on another port", container, what, more)
}

// sidecarPorts says what a sidecar uses a port for.
func sidecarPorts(port int32) string {
	switch port {
	case 15000:
		return "its admin interface"
	case 15001:
		return "outbound traffic"
	case 15002:
		return "finding out whether ports are free"
	case 15004:
		return "debugging"
	case 15006:
		return "inbound traffic"
	case 15008:
		return "HBONE tunnels"
	case 15020:
		return "merged metrics and rewritten probes"
	case 15021:
		return "health checks"
	case 15053:
		return "DNS, where it captures that"
	case 15090:
		return "Envoy's metrics"
	}
	return ""
}

// ambientPorts says what ztunnel uses a port for in the pods that it serves.
func ambientPorts(port int32) string {
	switch port {
	case 15001, 15006, 15008, 15053:
		return sidecarPorts(port)
	}
	return ""
}
