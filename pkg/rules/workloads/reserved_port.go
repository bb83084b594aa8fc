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
	return map[int32]string{
		15000: "its admin interface", 15001: "outbound traffic", 15002: "finding out whether ports are free", 15004: "debugging",
		15006: "inbound traffic", 15008: "HBONE tunnels", 15020: "merged metrics and rewritten probes", 15021: "health checks",
		15053: "DNS, where it captures that", 15090: "Envoy's metrics",
	}[port]
}

// ambientPorts says what ztunnel uses a port for in the pods that it serves.
func ambientPorts(port int32) string {
	return map[int32]string{15001: "outbound traffic", 15006: "inbound plain text", 15008: "HBONE tunnels", 15053: "DNS"}[port]
}
