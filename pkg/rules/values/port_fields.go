package values

import (
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

// The forms that Kubernetes wants for the name of a Service's port and for a
// container's, which targetPort may name.
var (
	portNameForm   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	wholeNumber    = regexp.MustCompile(`^[0-9]+$`)
	targetNameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$`)
)

// The range of node ports unless the API server was given another one.
const (
	firstNodePort = 30000
	lastNodePort  = 32767
)

func numbers(p *rule.Pass, list portList, port *document.Value) {
	for _, field := range []string{"port", "targetPort"} {
		v := port.Field(field)
		if n, ok := integer(v); ok && (n < 1 || n > 65535) && !(field == "targetPort" && n == 0) {
			p.Reportf(v, "%s %d is out of range: ports go from 1 to 65535", field, n)
		}
	}
	if v := port.Field("targetPort"); v != nil && v.Kind == document.String && v.Placeholder() == "" {
		targetName(p, list, v)
	}
	nodePort(p, port.Field("nodePort"))
}

// targetName judges a target that is no number. The charts behind an
// IstioOperator give the container a port of the same number, which a name is
// none of.
func targetName(p *rule.Pass, list portList, v *document.Value) {
	switch {
	case !targetNameForm.MatchString(v.Text):
		p.Reportf(v, "targetPort %q is neither a number nor the name of a container's port", v.Text)
	case list.opened && !wholeNumber.MatchString(v.Text):
		p.Reportf(v, "targetPort %q of %s also becomes the containerPort, which must be a number; the API server refuses the Deployment", v.Text, list.gateway)
	}
}

// nodePort leaves 0 alone, which lets Kubernetes choose.
func nodePort(p *rule.Pass, v *document.Value) {
	n, ok := integer(v)
	switch {
	case !ok || n == 0:
	case n < 0 || n > 65535:
		p.Reportf(v, "nodePort %d is out of range: ports go from 1 to 65535", n)
	case n < firstNodePort || n > lastNodePort:
		f := p.Reportf(v, "nodePort %d is outside %d to %d, the range of node ports unless the API server was given another", n, firstNodePort, lastNodePort)
		f.Severity = finding.Warning
	}
}

func portName(p *rule.Pass, list portList, port *document.Value, several bool) {
	name := port.Field("name")
	switch {
	case first(name) == nil && several && port.Kind == document.Map:
		p.Reportf(nearestOf(port.Field("port"), port), "a port of %s has no name; where a Service has several, each needs one", list.gateway)
	case first(name) == nil || name.Placeholder() != "":
	case !portNameForm.MatchString(name.Text) || len(name.Text) > longestService:
		f := p.Reportf(name, "port name %q is no valid name: it may hold lower-case letters, digits and dashes, as in %q", name.Text, relabelled(name.Text))
		if lower := strings.ToLower(strings.ReplaceAll(name.Text, "_", "-")); portNameForm.MatchString(lower) && len(lower) <= longestService {
			f.Propose(name.Replace(lower, document.String), "write %s", lower) // nothing refers to the name that is refused
		}
	}
}

func nearestOf(v, otherwise *document.Value) finding.Locator {
	if v != nil {
		return v
	}
	return otherwise
}

func protocol(p *rule.Pass, port *document.Value) {
	known := []string{"TCP", "UDP", "SCTP"}
	v := port.Field("protocol")
	if first(v) == nil || v.Placeholder() != "" || slices.Contains(known, v.Text) {
		return
	}
	f := p.Reportf(v, "protocol %q does not exist, want TCP, UDP or SCTP; what the traffic is, the port's name says", v.Text)
	if upper := strings.ToUpper(v.Text); slices.Contains(known, upper) {
		f.Propose(v.Replace(upper, document.String), "write %s", upper)
	}
}

// unprivileged reports ports that only root may open. istioctl refuses them,
// with 1024 as well where no targetPort is written; also of a gateway that is
// off.
func unprivileged(p *rule.Pass, list portList, port *document.Value) {
	number, okPort := integer(port.Field("port"))
	target, okTarget := integer(port.Field("targetPort"))
	if !okPort || port.Field("targetPort") != nil && !okTarget {
		return
	}
	at, opened := port.Field("targetPort"), target
	if target == 0 {
		at, opened = port.Field("port"), number
	}
	if opened < 1 || opened > 1023 && !(list.checked && target == 0 && number == 1024) {
		return
	}
	if list.checked {
		p.Reportf(at, "port %d of %s has no targetPort above 1023: istioctl refuses it, because the gateway does not run as root; set targetPort, for example %d", number, list.gateway, freePort(number))
		return
	}
	f := p.Reportf(at, "port %d of %s is opened by a process that is not root; set targetPort, for example %d", opened, list.gateway, freePort(number))
	f.Severity = finding.Warning
}

// freePort is the port that the charts take for a privileged one.
func freePort(port int) int {
	if port >= 1024 {
		return port
	}
	return port%1000 + 8000
}
