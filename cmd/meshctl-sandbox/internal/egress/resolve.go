package egress

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"
)

// Cluster resolves addresses inside the cluster: ClusterIPs and service names
// through their endpoints, as kube-proxy would, and pod addresses.
type Cluster struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
	byIP     cache.Indexer
	pods     func(ip string, port int) (string, error)
	fixed    map[string]string
}

// clusterIP is the name of the index of services by address.
const clusterIP = "clusterIP"

// NewCluster watches services and endpoints until ctx is done, and returns when
// it knows those that exist or limit is done. pods resolves a pod's address;
// fixed maps host:port to an address of this machine.
func NewCluster(ctx, limit context.Context, client kubernetes.Interface, pods func(string, int) (string, error), fixed map[string]string) (*Cluster, error) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(stripManagedFields))
	services := factory.Core().V1().Services()
	slices := factory.Discovery().V1().EndpointSlices()
	err := services.Informer().AddIndexers(cache.Indexers{clusterIP: func(o any) ([]string, error) {
		return o.(*corev1.Service).Spec.ClusterIPs, nil
	}})
	if err != nil {
		return nil, fmt.Errorf("indexing services: %w", err)
	}
	synced := []cache.InformerSynced{services.Informer().HasSynced, slices.Informer().HasSynced}
	factory.StartWithContext(ctx)
	if !cache.WaitForCacheSync(limit.Done(), synced...) {
		return nil, fmt.Errorf("watching services: %w", limit.Err())
	}
	return &Cluster{
		services: services.Lister(), slices: slices.Lister(), byIP: services.Informer().GetIndexer(),
		pods: pods, fixed: fixed,
	}, nil
}

// stripManagedFields saves the memory of what nobody here reads.
func stripManagedFields(o any) (any, error) {
	if object, err := meta.Accessor(o); err == nil {
		object.SetManagedFields(nil)
	}
	return o, nil
}

// kubeletPort is where the API server looks for a node's kubelet.
const kubeletPort = 10250

// Resolve implements Resolver.
func (c *Cluster) Resolve(_ context.Context, host string, port int) (string, error) {
	if port == kubeletPort {
		return "", fmt.Errorf("node %s has no kubelet, so there is no kubectl logs, exec or port-forward; istiod's logs are files in the sandbox's directory, its ports answer through services/proxy and pods/proxy", host)
	}
	if address, ok := c.fixed[fmt.Sprintf("%s:%d", host, port)]; ok {
		return address, nil
	}
	service, err := c.service(host)
	if err != nil {
		return "", err
	}
	if service == nil {
		return c.pods(host, port)
	}
	return c.endpoint(service, port)
}

// service finds the service with an address or a name in the cluster's domain;
// nil means that host is neither.
func (c *Cluster) service(host string) (*corev1.Service, error) {
	found, err := c.byIP.ByIndex(clusterIP, host)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0].(*corev1.Service), nil
	}
	name, namespace, ok := splitName(host)
	if !ok {
		return nil, nil
	}
	return c.services.Services(namespace).Get(name)
}

// splitName takes NAME.NAMESPACE.svc apart, with or without a cluster domain.
func splitName(host string) (name, namespace string, ok bool) {
	parts := strings.Split(host, ".")
	if len(parts) < 3 || parts[2] != "svc" {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// endpoint picks a ready endpoint of a service's port that has a process.
func (c *Cluster) endpoint(service *corev1.Service, port int) (string, error) {
	name := service.Namespace + "/" + service.Name
	servicePort, ok := findPort(service, port)
	if !ok {
		return "", fmt.Errorf("service %s has no port %d", name, port)
	}
	selector := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name})
	slices, err := c.slices.EndpointSlices(service.Namespace).List(selector)
	if err != nil {
		return "", fmt.Errorf("listing the endpoints of service %s: %w", name, err)
	}
	problem := errors.New("it has no ready endpoint")
	for _, slice := range slices {
		number, ok := slicePort(slice, servicePort.Name)
		if !ok {
			continue
		}
		for _, e := range slice.Endpoints {
			if !ptr.Deref(e.Conditions.Ready, true) || len(e.Addresses) == 0 {
				continue
			}
			address, err := c.pods(e.Addresses[0], number)
			if err == nil {
				return address, nil
			}
			problem = err
		}
	}
	return "", fmt.Errorf("service %s port %d: %w", name, port, problem)
}

func findPort(service *corev1.Service, port int) (corev1.ServicePort, bool) {
	for _, p := range service.Spec.Ports {
		if int(p.Port) == port {
			return p, true
		}
	}
	return corev1.ServicePort{}, false
}

func slicePort(slice *discoveryv1.EndpointSlice, name string) (int, bool) {
	for _, p := range slice.Ports {
		if ptr.Deref(p.Name, "") == name && p.Port != nil {
			return int(*p.Port), true
		}
	}
	return 0, false
}
