package platform

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// patience is how long a load balancer may take to be made: clouds need a few
// minutes. Where nothing makes any, a minute is enough for an add-on.
const (
	patience      = 5 * time.Minute
	shortPatience = time.Minute
)

func loadBalancers() *rule.Rule {
	return &rule.Rule{
		ID: "PLT004", Name: "gateway-load-balancer", Category: "Gateways", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Services, snapshot.Platform},
		Summary: "The load balancer of a gateway has no address yet, or has a host name where people expect an address.",
		Why:     "Nobody outside reaches the gateway; scripts that read an address from the status of the Service get nothing.",
		Fix:     "Do what the message says for the platform; where there is only a host name, make DNS aliases to it.",
		Hints:   []string{"S5", "P4"},
		Run: func(p *rule.Pass) {
			var named []string
			looked, fulfilled := 0, anyAddress(p.Services)
			for _, s := range gateways(p) {
				if s.Spec.Type != corev1.ServiceTypeLoadBalancer {
					continue
				}
				looked++
				if len(s.Status.LoadBalancer.Ingress) == 0 {
					pending(p, s, fulfilled)
				} else if name := onlyName(s); name != "" {
					named = append(named, fmt.Sprintf("%s/%s (%s)", s.Namespace, s.Name, name))
				}
			}
			hostnames(p, named)
			p.Lookedf("%s of type LoadBalancer", finding.Count(looked, "Service"))
		},
	}
}

// gateways are the Services of gateways: those that would be installed, and
// those that belong to a Gateway of the Gateway API or to another network.
func gateways(p *rule.Pass) []*corev1.Service {
	rendered := map[snapshot.Key]bool{}
	for _, m := range p.Rendered {
		if m.Object.GetKind() == "Service" {
			rendered[snapshot.KeyOf(m.Object)] = true
		}
	}
	var out []*corev1.Service
	for _, s := range p.Services {
		class := s.Labels["gateway.networking.k8s.io/gateway-class-name"]
		_, network := s.Labels["topology.istio.io/network"]
		if rendered[snapshot.Key{Kind: "Service", Namespace: s.Namespace, Name: s.Name}] || strings.HasPrefix(class, "istio") || network || strings.HasSuffix(s.Spec.Selector["istio"], "gateway") {
			out = append(out, s)
		}
	}
	return out
}

func pending(p *rule.Pass, s *corev1.Service, fulfilled bool) {
	age, limit := p.Now.Sub(s.CreationTimestamp.Time), patience
	without := facts.BalancesNothing(p.Target.Platform) && !fulfilled
	if without {
		limit = shortPatience
	}
	if s.CreationTimestamp.IsZero() || age < limit || s.DeletionTimestamp != nil {
		return
	}
	p.Reportf(snapshot.Place(s, "status.loadBalancer"), "has had no address for %s; %s", age.Round(time.Minute), remedy(p, s))
}

// remedy says what makes load balancers on the platform.
func remedy(p *rule.Pass, s *corev1.Service) string {
	if c := s.Spec.LoadBalancerClass; c != nil {
		return fmt.Sprintf("it asks for load balancer class %s: see that the controller of that class runs", *c)
	}
	switch p.Target.Platform {
	case "kind":
		return "kind makes no load balancers: run cloud-provider-kind or MetalLB, or use type NodePort"
	case "minikube":
		return "minikube makes load balancers only while `minikube tunnel` runs"
	case "microk8s":
		return "MicroK8s makes load balancers only with its add-on: microk8s enable metallb"
	case "k3s", "k3d":
		return "the ServiceLB of K3s could not give it the ports, which the bundled Traefik may hold: disable Traefik or use other ports"
	case "rke2", "talos":
		return "nothing makes load balancers here by default: install MetalLB or kube-vip, or use type NodePort"
	case "huawei":
		if s.Annotations["kubernetes.io/elb.id"] == "" && s.Annotations["kubernetes.io/elb.class"] == "" {
			return "CCE needs annotations kubernetes.io/elb.class and kubernetes.io/elb.id to bind a load balancer"
		}
	}
	return "see its events for what the cloud's controller says: quota, subnets, permissions; on machines of your own install MetalLB or kube-vip"
}

func anyAddress(services []*corev1.Service) bool {
	for _, s := range services {
		if s.Spec.Type == corev1.ServiceTypeLoadBalancer && len(s.Status.LoadBalancer.Ingress) > 0 {
			return true
		}
	}
	return false
}

// onlyName is the host name of a load balancer without any address. Docker
// Desktop's localhost needs no explanation.
func onlyName(s *corev1.Service) string {
	name := ""
	for _, in := range s.Status.LoadBalancer.Ingress {
		if in.IP != "" {
			return ""
		}
		if in.Hostname != "localhost" {
			name = in.Hostname
		}
	}
	return name
}

func hostnames(p *rule.Pass, named []string) {
	if len(named) == 0 {
		return
	}
	cloud := "load balancers here"
	if platform, ok := facts.PlatformOf(p.Target.Platform); ok {
		cloud = "load balancers of " + platform.Name
	}
	namespace, rest, _ := strings.Cut(named[0], "/")
	service, _, _ := strings.Cut(rest, " ")
	p.Reportf(snapshot.Key{Kind: "Service", Namespace: namespace, Name: service},
		"%s have a host name and no fixed address: make DNS records CNAME or ALIAS, read status.loadBalancer.ingress[0].hostname in scripts, and give --ingressIP to `istioctl x workload entry configure`: %s", cloud, rule.First(named)).Severity = finding.Info
}
