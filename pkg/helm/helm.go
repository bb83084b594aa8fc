// Package helm installs the values of Istio's charts as Helm does: as releases
// that `helm list` shows and `helm upgrade` continues from. Helm's own library
// writes; this package decides in which order, and waits.
package helm

import (
	"cmp"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/action"
	helmkube "helm.sh/helm/v3/pkg/kube"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Client works with the Helm releases of one cluster. They are kept where Helm
// keeps them by default: in Secrets of their namespace.
type Client struct{ kube *kube.Client }

// New returns a client of a cluster's releases.
func New(c *kube.Client) *Client { return &Client{c} }

// Release is one Helm release that is wanted.
type Release struct {
	Name, Namespace string
	Config          *snapshot.Config
}

func (r Release) String() string { return r.Namespace + "/" + r.Name }

// Unfit says that configurations cannot be installed as releases: a mistake in
// the command rather than in the files.
type Unfit struct{ message string }

func (e *Unfit) Error() string { return e.message }

// order is that of Istio's documentation: base brings the CRDs, the injector
// asks whether the CNI agent is there, gateways are injected.
var order = []string{"base", "cni", "istiod", "ztunnel", "gateway"}

// Wanted lists the releases that the values of charts mean, in the order in
// which they have to be installed.
func Wanted(configs []*snapshot.Config) ([]Release, error) {
	var out []Release
	for _, c := range configs {
		switch {
		case c.IsOperator() || c.IsMesh():
			return nil, &Unfit{c.Name() + " is no values of a Helm chart"}
		case c.Wrapper != nil:
			return nil, &Unfit{fmt.Sprintf("%s is installed by its own tool; give the values alone, or let that tool do it and run `meshctl verify -f`", c.Name())}
		}
		r := Release{c.Release(), c.Namespace(), c}
		if i := slices.IndexFunc(out, func(o Release) bool { return o.String() == r.String() }); i >= 0 {
			return nil, &Unfit{fmt.Sprintf("%s and %s would both be release %s", out[i].Config.Name(), c.Name(), r)}
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Release) int {
		return cmp.Compare(slices.Index(order, a.Config.Chart), slices.Index(order, b.Config.Chart))
	})
	return out, nil
}

// actions returns what Helm's library needs to work in a namespace. Fields are
// written under Helm's name, so that the next `helm upgrade` finds its own.
func (c *Client) actions(namespace string) (*action.Configuration, error) {
	helmkube.ManagedFieldsManager = "helm"
	cfg := &action.Configuration{}
	if err := cfg.Init(c.kube.Getter(namespace), namespace, "secret", func(string, ...any) {}); err != nil {
		return nil, fmt.Errorf("preparing Helm: %w", err)
	}
	if kc, ok := cfg.KubeClient.(*helmkube.Client); ok {
		kc.Namespace = namespace
	}
	return cfg, nil
}
