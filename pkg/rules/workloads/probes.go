package workloads

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// probe is what the kubelet asks of a container.
type probe struct {
	container mesh.Container
	// name is readinessProbe or its like, path where it is.
	name, path string
	// kind is httpGet, tcpSocket or grpc; port as written.
	kind string
	port intstr.IntOrString
}

// probesOf lists the probes and lifecycle hooks of a workload's containers that
// need a connection.
func probesOf(w *mesh.Workload) []probe {
	var out []probe
	for _, c := range w.AppContainers() {
		add := func(name string, http *corev1.HTTPGetAction, tcp *corev1.TCPSocketAction, grpc *corev1.GRPCAction) {
			p := probe{container: c, name: name}
			switch {
			case http != nil:
				p.kind, p.port = "httpGet", http.Port
			case tcp != nil:
				p.kind, p.port = "tcpSocket", tcp.Port
			case grpc != nil:
				p.kind, p.port = "grpc", intstr.FromInt32(grpc.Port)
			default:
				return
			}
			p.path = c.Path + "." + name + "." + p.kind + ".port"
			out = append(out, p)
		}
		for name, one := range map[string]*corev1.Probe{"readinessProbe": c.ReadinessProbe, "livenessProbe": c.LivenessProbe, "startupProbe": c.StartupProbe} {
			if one != nil {
				add(name, one.HTTPGet, one.TCPSocket, one.GRPC)
			}
		}
		if c.Lifecycle == nil {
			continue
		}
		for name, one := range map[string]*corev1.LifecycleHandler{"lifecycle.postStart": c.Lifecycle.PostStart, "lifecycle.preStop": c.Lifecycle.PreStop} {
			if one != nil {
				add(name, one.HTTPGet, one.TCPSocket, nil)
			}
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

func byPath(a, b probe) int { return strings.Compare(a.path, b.path) }

// more says how many there are besides the one that a finding names.
func more(all int) string {
	if all < 2 {
		return ""
	}
	return fmt.Sprintf(" (and %d more like it)", all-1)
}
