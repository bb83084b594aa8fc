package mesh

import (
	"slices"
	"strconv"
	"strings"
)

// Landing is the port of a workload behind one of a service; 0 if its name is
// not there.
func (w *Workload) Landing(port Port) int {
	if port.Target == "" {
		return port.Number
	}
	if n, err := strconv.Atoi(port.Target); err == nil {
		return n
	}
	for _, c := range w.Spec.Containers {
		for _, p := range c.Ports {
			if p.Name == port.Target {
				return int(p.ContainerPort)
			}
		}
	}
	return 0
}

// Spared says whether connections to a port pass the sidecar by.
func (w *Workload) Spared(port int) bool {
	list := func(name string) []string {
		return strings.FieldsFunc(w.Annotations["traffic.sidecar.istio.io/"+name], func(r rune) bool { return r == ',' || r == ' ' })
	}
	number := strconv.Itoa(port)
	if slices.Contains(list("excludeInboundPorts"), number) {
		return true
	}
	_, told := w.Annotations["traffic.sidecar.istio.io/includeInboundPorts"]
	include := list("includeInboundPorts")
	return told && !slices.Contains(include, "*") && !slices.Contains(include, number)
}
