package ingress

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// leg is the way from a load balancer that takes TLS off to a gateway.
type leg struct {
	port corev1.ServicePort
	who  string
	at   finding.Location
	// encrypted says that the load balancer speaks TLS to the gateway, named
	// that it says there which host it is about.
	encrypted, named bool
}

// Annotations of load balancers.
const (
	awsPrefix    = "service.beta.kubernetes.io/aws-load-balancer-"
	ociPrefix    = "service.beta.kubernetes.io/oci-load-balancer-"
	doPrefix     = "service.beta.kubernetes.io/do-loadbalancer-"
	hcloudPrefix = "load-balancer.hetzner.cloud/"
	albPrefix    = "alb.ingress.kubernetes.io/"
	nginxPrefix  = "nginx.ingress.kubernetes.io/"
	appgwPrefix  = "appgw.ingress.kubernetes.io/"
	gceProtocols = "cloud.google.com/app-protocols"
)

// legs are those that lead to a gateway: of its Services, of Ingresses in front
// of them, and of the Service that istiod makes for a Kubernetes Gateway, which
// takes the Gateway's annotations.
func legs(e *mesh.Edge, fronts map[[2]string][]front) []leg {
	var out []leg
	for _, s := range e.Services {
		out = append(out, serviceLegs(s, "metadata.annotations", s.Annotations, s.Spec.Ports)...)
		for _, f := range fronts[[2]string{s.Namespace, s.Name}] {
			out = append(out, f.legs(s)...)
		}
	}
	if g := e.Kubernetes; g != nil && len(e.Services) == 0 {
		annotations, path := g.Annotations, "metadata.annotations"
		if i := g.Spec.Infrastructure; i != nil && len(i.Annotations) > 0 {
			annotations, path = map[string]string{}, "spec.infrastructure.annotations"
			for k, v := range i.Annotations {
				annotations[string(k)] = string(v)
			}
		}
		var ports []corev1.ServicePort
		for _, l := range g.Spec.Listeners {
			ports = append(ports, corev1.ServicePort{Name: string(l.Name), Port: int32(l.Port)})
		}
		out = append(out, serviceLegs(g, path, annotations, ports)...)
	}
	return out
}

// serviceLegs reads the annotations that the load balancers of clouds know.
func serviceLegs(o snapshot.Object, path string, a map[string]string, ports []corev1.ServicePort) []leg {
	var out []leg
	for _, port := range ports {
		one := leg{port: port}
		var key string
		switch {
		case a[awsPrefix+"ssl-cert"] != "" && listed(a[awsPrefix+"ssl-ports"], port, true):
			key, one.who = awsPrefix+"ssl-cert", "AWS's load balancer"
			if backend := a[awsPrefix+"backend-protocol"]; backend != "" {
				key = awsPrefix + "backend-protocol"
				one.encrypted = slices.Contains([]string{"ssl", "https", "tls"}, strings.ToLower(backend))
			}
		case a[ociPrefix+"tls-secret"] != "" && listed(a[ociPrefix+"ssl-ports"], port, false):
			key, one.who, one.encrypted = ociPrefix+"tls-secret", "Oracle's load balancer", a[ociPrefix+"tls-backendset-secret"] != ""
		case a[doPrefix+"certificate-id"] != "" && (listed(a[doPrefix+"tls-ports"], port, false) || a[doPrefix+"tls-ports"] == "" && port.Port == 443):
			key, one.who = doPrefix+"certificate-id", "DigitalOcean's load balancer"
		case a[hcloudPrefix+"protocol"] == "https":
			key, one.who = hcloudPrefix+"protocol", "Hetzner's load balancer"
		default:
			continue
		}
		one.at = snapshot.Place(o, path+"["+strconv.Quote(key)+"]")
		out = append(out, one)
	}
	return out
}

// listed says whether a list of ports, by number or name, has one.
func listed(list string, port corev1.ServicePort, empty bool) bool {
	if strings.TrimSpace(list) == "" {
		return empty
	}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "*" || name == fmt.Sprint(port.Port) || name == port.Name && name != "" {
			return true
		}
	}
	return false
}

// front is an Ingress with a port of a Service behind it.
type front struct {
	ingress *networkingv1.Ingress
	port    networkingv1.ServiceBackendPort
}

// frontsOf files Ingresses under the Services that they lead to.
func frontsOf(ingresses []*networkingv1.Ingress) map[[2]string][]front {
	out := map[[2]string][]front{}
	add := func(i *networkingv1.Ingress, b *networkingv1.IngressBackend) {
		if b != nil && b.Service != nil {
			key := [2]string{i.Namespace, b.Service.Name}
			if f := (front{i, b.Service.Port}); !slices.Contains(out[key], f) {
				out[key] = append(out[key], f)
			}
		}
	}
	for _, i := range ingresses {
		add(i, i.Spec.DefaultBackend)
		for _, r := range i.Spec.Rules {
			if r.HTTP != nil {
				for _, path := range r.HTTP.Paths {
					add(i, &path.Backend)
				}
			}
		}
	}
	return out
}

// legs are the way from the Ingress to the port of a Service; only what is
// known of the controller of its class.
func (f front) legs(s *corev1.Service) []leg {
	i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool {
		return p.Port == f.port.Number || f.port.Name != "" && p.Name == f.port.Name
	})
	if i < 0 {
		return nil
	}
	one := leg{port: s.Spec.Ports[i], who: snapshot.KeyOf(f.ingress).String(), at: snapshot.Place(f.ingress, "metadata.annotations")}
	a := f.ingress.Annotations
	prefix, name := f.controller()
	protocols := []string{"https", "grpcs", "http2"}
	switch name {
	case "":
		return nil
	case "gce":
		var byPort map[string]string
		if json.Unmarshal([]byte(s.Annotations[gceProtocols]), &byPort) != nil && s.Annotations[gceProtocols] != "" {
			return nil
		}
		one.encrypted = slices.Contains(protocols, strings.ToLower(byPort[one.port.Name]))
	case "alb":
		one.encrypted = slices.Contains(protocols[:1], strings.ToLower(a[prefix+"backend-protocol"]))
	default:
		if a[nginxPrefix+"ssl-passthrough"] == "true" {
			return nil
		}
		one.encrypted = slices.Contains(protocols, strings.ToLower(a[prefix+"backend-protocol"]))
		one.named = name == "appgw" || a[nginxPrefix+"proxy-ssl-server-name"] == "on" || a[nginxPrefix+"proxy-ssl-name"] != ""
	}
	if _, written := a[prefix+"backend-protocol"]; written {
		one.at.Path = "metadata.annotations[" + strconv.Quote(prefix+"backend-protocol") + "]"
	}
	return []leg{one}
}

// controller tells by the class what serves an Ingress, and the prefix of its
// annotations; "" where that is not known.
func (f front) controller() (prefix, name string) {
	class := f.ingress.Annotations["kubernetes.io/ingress.class"]
	if f.ingress.Spec.IngressClassName != nil {
		class = *f.ingress.Spec.IngressClassName
	}
	switch {
	case class == "gce" || class == "gce-internal":
		return "", "gce"
	case class == "alb":
		return albPrefix, "alb"
	case strings.Contains(class, "nginx"):
		return nginxPrefix, "nginx"
	case strings.Contains(class, "azure") && strings.Contains(class, "application-gateway"):
		return appgwPrefix, "appgw"
	}
	return "", ""
}
