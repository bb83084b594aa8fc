package kube

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Getter hands a client's connection to a library that makes clients of its
// own, as Helm's does. It shares what the client has discovered.
type Getter struct {
	client    *Client
	namespace string
}

// Getter is the client's connection with a default namespace.
func (c *Client) Getter(namespace string) *Getter { return &Getter{c, namespace} }

// ToRESTConfig returns a copy of the connection's configuration.
func (g *Getter) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(g.client.config), nil }

// ToDiscoveryClient returns the client's own discovery.
func (g *Getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return g.client.disco, nil
}

// ToRESTMapper returns the client's own mapper.
func (g *Getter) ToRESTMapper() (meta.RESTMapper, error) { return g.client.mapper, nil }

// ToRawKubeConfigLoader tells the default namespace, the only thing that is
// asked of it.
func (g *Getter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	overrides := &clientcmd.ConfigOverrides{Context: api.Context{Namespace: g.namespace}}
	return clientcmd.NewDefaultClientConfig(api.Config{}, overrides)
}
