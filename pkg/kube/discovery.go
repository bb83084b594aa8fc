package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// Groups lists the API groups that the server knows.
func (c *Client) Groups(ctx context.Context) ([]string, error) {
	groups, err := c.discovery().ServerGroupsWithContext(ctx)
	if err != nil {
		return nil, c.Explain(err)
	}
	var out []string
	for _, g := range groups.Groups {
		out = append(out, g.Name)
	}
	return out, nil
}

func (c *Client) discovery() discovery.CachedDiscoveryInterfaceWithContext {
	return discovery.ToCachedDiscoveryInterfaceWithContext(c.disco)
}

// Mapping is how a kind is reached: its resource name and whether it lives in
// namespaces.
type Mapping struct {
	Resource   schema.GroupVersionResource
	Namespaced bool
}

// Map looks a kind up in the server's discovery. A kind of a group whose API
// service does not answer is not unknown: its error says that nobody can tell.
func (c *Client) Map(ctx context.Context, gvk schema.GroupVersionKind) (Mapping, error) {
	m, err := c.mapper.RESTMappingWithContext(ctx, gvk.GroupKind(), gvk.Version)
	if UnknownKind(err) {
		if silent := c.silent(ctx, gvk); silent != nil {
			err = silent
		}
	}
	if err != nil {
		return Mapping{}, fmt.Errorf("looking up kind %s: %w", gvk.Kind, err)
	}
	return Mapping{m.Resource, m.Scope.Name() == apimeta.RESTScopeNameNamespace}, nil
}

// silent finds an API service of the kind's group that did not answer when the
// server asked it for its kinds; nil where all did.
func (c *Client) silent(ctx context.Context, gvk schema.GroupVersionKind) error {
	meant := func(gv schema.GroupVersion) bool {
		return gv.Group == gvk.Group && (gvk.Version == "" || gv.Version == gvk.Version)
	}
	explain := func(gv schema.GroupVersion) error {
		return apierrors.NewServiceUnavailable(fmt.Sprintf("API service %s.%s does not answer, so nothing is known of kind %s", gv.Version, gv.Group, gvk.Kind))
	}
	d := c.discovery()
	if all, ok := d.(discovery.AggregatedDiscoveryInterfaceWithContext); ok {
		_, _, failed, err := all.GroupsAndMaybeResourcesWithContext(ctx)
		if err != nil {
			return err
		}
		for gv := range failed {
			if meant(gv) {
				return explain(gv)
			}
		}
	}
	// Older servers list the versions of a group whether they answer or not.
	groups, err := d.ServerGroupsWithContext(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups.Groups {
		for _, v := range g.Versions {
			gv := schema.GroupVersion{Group: g.Name, Version: v.Version}
			if !meant(gv) {
				continue
			}
			if _, err := d.ServerResourcesForGroupVersionWithContext(ctx, v.GroupVersion); Busy(err) {
				return explain(gv)
			}
		}
	}
	return nil
}

// Refresh forgets what discovery said, after CRDs were applied.
func (c *Client) Refresh() { c.mapper.Reset() }
