package kube

import (
	"context"
	"fmt"
	"net/url"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Client talks to one cluster.
type Client struct {
	host string
	*patience
	dynamic dynamic.Interface
	meta    metadata.Interface
	typed   kubernetes.Interface
	disco   discovery.CachedDiscoveryInterface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	config  *rest.Config
	clock   *clock
	home    string // the namespace of the kubeconfig's context
}

func newClient(cfg *rest.Config, p *patience) (*Client, error) {
	watch := &clock{}
	cfg.Wrap(watch.wrap)
	typed, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("preparing client: %w", err)
	}
	dyn, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("preparing client: %w", err)
	}
	meta, err := metadata.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("preparing client: %w", err)
	}
	disco := memory.NewMemCacheClient(typed.Discovery())
	return &Client{cfg.Host, p, dyn, meta, typed, disco, restmapper.NewDeferredDiscoveryRESTMapper(disco), cfg, watch, ""}, nil
}

// Host is the address of the API server, without credentials.
func (c *Client) Host() string {
	if u, err := url.Parse(c.host); err == nil && u.Host != "" {
		return u.Host
	}
	return c.host
}

// Version asks the API server for its version, such as v1.36.3. An answer
// that does not come in time or not at all is an *Unreachable.
func (c *Client) Version(ctx context.Context) (string, error) {
	body, err := c.typed.Discovery().RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return "", c.Explain(err)
	}
	v, err := decodeVersion(body)
	if err != nil {
		return "", fmt.Errorf("reading the version of %s: %w", c.Host(), err)
	}
	return v, nil
}

func (c *Client) resource(ctx context.Context, gvk schema.GroupVersionKind, namespace string) (dynamic.ResourceInterface, error) {
	m, err := c.Map(ctx, gvk)
	if err != nil {
		return nil, err
	}
	if m.Namespaced {
		return c.dynamic.Resource(m.Resource).Namespace(namespace), nil
	}
	return c.dynamic.Resource(m.Resource), nil
}

// metadata asks for the metadata of objects alone.
func (c *Client) metadata(ctx context.Context, gvk schema.GroupVersionKind, namespace string) (metadata.ResourceInterface, error) {
	m, err := c.Map(ctx, gvk)
	if err != nil {
		return nil, err
	}
	if !m.Namespaced {
		namespace = ""
	}
	return c.meta.Resource(m.Resource).Namespace(namespace), nil
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*unstructured.Unstructured, error) {
	r, err := c.resource(ctx, gvk, namespace)
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, name, metav1.GetOptions{})
}

// GetMeta reads the metadata of one object.
func (c *Client) GetMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*metav1.PartialObjectMetadata, error) {
	r, err := c.metadata(ctx, gvk, namespace)
	if err != nil {
		return nil, err
	}
	o, err := r.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	o.SetGroupVersionKind(gvk) // the server says PartialObjectMetadata
	o.ManagedFields = nil
	return o, nil
}

// List reads every object of a kind; namespace "" means all.
func (c *Client) List(ctx context.Context, gvk schema.GroupVersionKind, namespace, labels string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	err := c.Each(ctx, gvk, namespace, labels, func(o *unstructured.Unstructured) error {
		out = append(out, o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CreateDryRun asks the server to pretend to create an object, with all
// admission webhooks, and returns what would be stored.
func (c *Client) CreateDryRun(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	r, err := c.resource(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return nil, err
	}
	return r.Create(ctx, o, metav1.CreateOptions{DryRun: dry(true), FieldManager: FieldManager})
}

// Delete removes exactly the object that was read before and, in the
// background, what it owns. One that is gone already is no error; one that was
// made anew meanwhile is.
func (c *Client) Delete(ctx context.Context, o *unstructured.Unstructured) error {
	r, err := c.resource(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	background, uid := metav1.DeletePropagationBackground, o.GetUID()
	err = r.Delete(ctx, o.GetName(), metav1.DeleteOptions{PropagationPolicy: &background, Preconditions: &metav1.Preconditions{UID: &uid}})
	if NotFound(err) {
		return nil
	}
	return err
}

func dry(yes bool) []string {
	if yes {
		return []string{metav1.DryRunAll}
	}
	return nil
}
