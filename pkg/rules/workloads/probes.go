package workloads

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// probe is what the kubelet asks of a container.
type probe struct {
	container mesh.Container
	// name is readinessProbe or its like.
	name string
	// kind is httpGet, tcpSocket or grpc; port as written.
	kind string
	port intstr.IntOrString
}

// path is where the probe's port is written.
func (p probe) path() string { return p.container.Path + "." + p.name + "." + p.kind + ".port" }

// probesOf lists the probes and lifecycle hooks of a workload's containers that
// need a connection.
func probesOf(w *mesh.Workload) []probe {
	var out []probe
	for _, c := range w.AppContainers() {
		add := func(name string, http *corev1.HTTPGetAction, tcp *corev1.TCPSocketAction, grpc *corev1.GRPCAction) {
			switch {
			case http != nil:
				out = append(out, probe{c, name, "httpGet", http.Port})
			case tcp != nil:
				out = append(out, probe{c, name, "tcpSocket", tcp.Port})
			case grpc != nil:
				out = append(out, probe{c, name, "grpc", intstr.FromInt32(grpc.Port)})
			}
		}
		probed := func(name string, one *corev1.Probe) {
			if one != nil {
				add(name, one.HTTPGet, one.TCPSocket, one.GRPC)
			}
		}
		probed("livenessProbe", c.LivenessProbe)
		probed("readinessProbe", c.ReadinessProbe)
		probed("startupProbe", c.StartupProbe)
		if c.Lifecycle == nil {
			continue
		}
		if one := c.Lifecycle.PostStart; one != nil {
			add("lifecycle.postStart", one.HTTPGet, one.TCPSocket, nil)
		}
		if one := c.Lifecycle.PreStop; one != nil {
			add("lifecycle.preStop", one.HTTPGet, one.TCPSocket, nil)
		}
	}
	return out
}

// number is the port that a probe goes to; ok is false where it names one that
// its container does not have.
func (p probe) number() (port int32, ok bool) {
	if p.port.Type == intstr.Int {
		return p.port.IntVal, true
	}
	for _, port := range p.container.Ports {
		if port.Name == p.port.StrVal {
			return port.ContainerPort, true
		}
	}
	return 0, false
}

// more says how many there are besides the one that a finding names.
func more(all int) string {
	if all < 2 {
		return ""
	}
	return fmt.Sprintf(" (and %d more like it)", all-1)
}
