package values

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func gatewayPort() *rule.Rule {
	return &rule.Rule{
		ID: "VAL022", Name: "gateway-port", Category: fieldsCategory, Severity: finding.Error,
		Stages: validate(), Needs: configuration(),
		Summary: "A port of a gateway is out of range, named badly, given twice, or one that the gateway may not open.",
		Why:     "The API server refuses the whole Service, istioctl the whole file, or Envoy cannot listen.",
		Fix:     "Write the port, name or targetPort that the message asks for.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, ports := range portLists(c) {
					judgePorts(p, ports)
				}
			}
		},
	}
}

// portList is the ports of one Service.
type portList struct {
	gateway string
	ports   *document.Value
	// privileged says that the gateway may open ports below 1024.
	privileged bool
	// checked says that istioctl looks at them.
	checked bool
	// opened says that the chart makes each target a port of the container.
	opened bool
}

func portLists(c *snapshot.Config) []portList {
	var out []portList
	switch {
	case c.IsOperator():
		for _, g := range gateways(c.Root) {
			root := c.EffectiveValues().At("gateways", g.root, "runAsRoot")
			out = append(out, portList{"gateway " + g.entry.Str("name"), g.entry.At("k8s", "service", "ports"), truth(root), true, true})
		}
		for _, name := range []string{"istio-ingressgateway", "istio-egressgateway"} {
			values := c.Values().At("gateways", name)
			out = append(out,
				portList{name, values.Field("ports"), values.IsTrue("runAsRoot"), false, true},
				portList{name, values.Field("ingressPorts"), values.IsTrue("runAsRoot"), true, true})
		}
	case c.Chart == "gateway":
		out = append(out, portList{"the gateway", c.Root.At("service", "ports"), chartMayBind(c.Root), false, false})
	}
	return out
}

// chartMayBind says whether chart gateway's pods may open ports below 1024:
// by the sysctl that the chart sets, unless the user's own securityContext
// takes its place.
func chartMayBind(root *document.Value) bool {
	if len(root.Field("securityContext").Fields()) == 0 {
		return true
	}
	for _, s := range root.At("securityContext", "sysctls").Items() {
		if s.Str("name") == "net.ipv4.ip_unprivileged_port_start" {
			return true
		}
	}
	add := root.At("containerSecurityContext", "capabilities", "add")
	for _, c := range add.Items() {
		if c.Text == "NET_BIND_SERVICE" {
			return true
		}
	}
	user := set(root.At("containerSecurityContext", "runAsUser"), root.At("securityContext", "runAsUser"))
	return user != nil && (user.Text == "0" || user.Placeholder() != "")
}

func judgePorts(p *rule.Pass, list portList) {
	ports := list.ports.Items()
	seen := map[string]*document.Value{}
	for _, port := range ports {
		numbers(p, list, port)
		portName(p, list, port, len(ports) > 1)
		protocol(p, port)
		if !list.privileged {
			unprivileged(p, list, port)
		}
		twice(p, list, port, seen)
	}
}

// twice reports what has to be unique among the ports of a Service. One port
// with two protocols is legal.
func twice(p *rule.Pass, list portList, port *document.Value, seen map[string]*document.Value) {
	proto := port.Str("protocol")
	if proto == "" {
		proto = "TCP"
	}
	for _, field := range []string{"port", "nodePort", "name"} {
		v, key := port.Field(field), field+" "+proto+" "
		if field == "name" {
			key = "name "
		}
		if first(v) == nil || v.Placeholder() != "" || field == "nodePort" && v.Text == "0" {
			continue
		}
		other := seen[key+v.Text]
		if other == nil {
			seen[key+v.Text] = v
			continue
		}
		f := p.Reportf(v, "%s has %s%s twice; the API server refuses such a Service", list.gateway, field, described(field, v.Text, proto))
		f.Related = []finding.Related{{Message: "the first one stands here", At: other.Location()}}
	}
}

func described(field, text, proto string) string {
	if field == "name" {
		return fmt.Sprintf(" %q", text)
	}
	return " " + text + " " + strings.ToUpper(proto)
}
