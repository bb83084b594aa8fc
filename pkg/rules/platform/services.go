package platform

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// service is what a configuration says about the Service of a gateway.
type service struct {
	annotations []*document.Value // maps
	ports       *document.Value
	spec        *document.Value // with type and loadBalancerIP
}

// services lists the gateways' Services as the user wrote them.
func services(c *snapshot.Config) []service {
	var out []service
	switch {
	case c.IsOperator():
		for _, kind := range []string{"ingress", "egress"} {
			values := c.Values().At("gateways", "istio-"+kind+"gateway")
			out = append(out, service{[]*document.Value{values.Field("serviceAnnotations")}, values.Field("ports"), values})
			for _, g := range c.Root.At("spec", "components", kind+"Gateways").Items() {
				k8s := g.Field("k8s")
				out = append(out, service{
					[]*document.Value{k8s.Field("serviceAnnotations"), values.Field("serviceAnnotations")}, k8s.At("service", "ports"), k8s.Field("service"),
				})
			}
		}
	case c.Chart == "gateway":
		s := c.Root.Field("service")
		out = append(out, service{[]*document.Value{s.Field("annotations"), c.Root.Field("annotations")}, s.Field("ports"), s})
	}
	return out
}

// clouds are the annotations by which a cloud's controller is told how to
// make a load balancer.
func clouds() []struct{ prefix, platform, name string } {
	return []struct{ prefix, platform, name string }{
		{"service.beta.kubernetes.io/aws-", "eks", "AWS"},
		{"service.beta.kubernetes.io/azure-", "aks", "Azure"},
		{"cloud.google.com/", "gke", "Google Cloud"},
		{"networking.gke.io/", "gke", "Google Cloud"},
		{"oci.oraclecloud.com/", "oke", "Oracle Cloud"},
		{"service.beta.kubernetes.io/oci-", "oke", "Oracle Cloud"},
		{"service.beta.kubernetes.io/alibaba-", "alibaba", "Alibaba Cloud"},
		{"service.beta.kubernetes.io/alicloud-", "alibaba", "Alibaba Cloud"},
		{"service.kubernetes.io/ibm-", "ibm", "IBM Cloud"},
	}
}

// foreignAnnotations reports load balancer settings of another cloud. Only on
// a managed cluster is the cloud known; OpenShift, for one, runs on all.
func foreignAnnotations(p *rule.Pass, s service, platform facts.PlatformFacts) {
	managed := false
	for _, cloud := range clouds() {
		managed = managed || cloud.platform == platform.ID
	}
	if !managed {
		return
	}
	for _, a := range s.annotations[:1] {
		for _, f := range a.Fields() {
			for _, cloud := range clouds() {
				if cloud.platform != platform.ID && strings.HasPrefix(f.Name(), cloud.prefix) {
					w := p.Reportf(f.Key(), "annotation %s is %s's and has no effect on %s", f.Name(), cloud.name, platform.Name)
					w.Severity = finding.Warning
				}
			}
		}
	}
}

// ignoredAddress reports an address for a load balancer where the cloud gives
// names, not addresses.
func ignoredAddress(p *rule.Pass, s service, platform facts.PlatformFacts) {
	v := s.spec.Field("loadBalancerIP")
	if platform.ID != "eks" || v == nil || v.Text == "" || v.Placeholder() != "" {
		return
	}
	f := p.Reportf(v, "loadBalancerIP has no effect on %s: load balancers there have a host name; give a Network Load Balancer addresses with annotation service.beta.kubernetes.io/aws-load-balancer-eip-allocations", platform.Name)
	f.Severity = finding.Warning
}

// healthProbe reports ports with an HTTP appProtocol: Azure then asks path /,
// which a gateway without a route for it does not answer.
func healthProbe(p *rule.Pass, s service) {
	if probed(s) || s.spec.Str("externalTrafficPolicy") == "Local" {
		return
	}
	for _, port := range s.ports.Items() {
		v := port.Field("appProtocol")
		if protocol := strings.ToLower(port.Str("appProtocol")); protocol != "http" && protocol != "https" {
			continue
		}
		f := p.Reportf(v, "appProtocol %s makes Azure's load balancer probe path /, which the gateway does not answer; remove it, or set annotation service.beta.kubernetes.io/port_%s_health-probe_protocol: tcp", v.Text, port.Str("port"))
		f.Severity = finding.Warning
		return
	}
}

func probed(s service) bool {
	for _, a := range s.annotations {
		for _, f := range a.Fields() {
			if strings.Contains(f.Name(), "health-probe") {
				return true
			}
		}
	}
	return false
}
