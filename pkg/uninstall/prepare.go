package uninstall

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const (
	componentLabel = "operator.istio.io/component"
	signed         = componentLabel + ",operator.istio.io/managed=Reconcile"
)

var definitions = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}

// kinds are all that an installation may consist of, CRDs apart.
func kinds() []schema.GroupVersionKind {
	return append(snapshot.PrunableKinds(),
		schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicy"},
		schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicyBinding"},
		schema.GroupVersionKind{Group: "k8s.cni.cncf.io", Version: "v1", Kind: "NetworkAttachmentDefinition"},
		schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1alpha3", Kind: "EnvoyFilter"},
		definitions,
	)
}

// Prepare finds out what an uninstallation would do. It writes nothing.
func Prepare(ctx context.Context, c *kube.Client, i Installation) (*Removal, error) {
	all, err := everything(ctx, c)
	if err != nil {
		return nil, err
	}
	r := &Removal{}
	s := sorter{Installation: i, Removal: r, inventory: map[snapshot.Key]bool{}}
	for _, k := range i.Inventory {
		s.inventory[k] = true
	}
	// Charts sign nothing: an istiod of Helm's is one by its label only.
	istiods, err := c.ListMeta(ctx, schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, "", "app=istiod")
	if err != nil {
		return nil, fmt.Errorf("looking for other control planes: %w", c.Explain(err))
	}
	s.others(istiods)
	for _, o := range all {
		s.sort(o)
	}
	if err := s.tags(ctx, c); err != nil {
		return nil, err
	}
	if err := s.unsigned(ctx, c, all); err != nil {
		return nil, err
	}
	inOrder(r.Objects)
	if i.PurgeCRDs {
		if err := s.lost(ctx, c); err != nil {
			return nil, err
		}
	}
	return r, s.use(ctx, c, all)
}

// everything lists the metadata of all objects that istioctl or meshctl signed,
// whosever they are.
func everything(ctx context.Context, c *kube.Client) ([]*metav1.PartialObjectMetadata, error) {
	found := make([][]*metav1.PartialObjectMetadata, len(kinds()))
	errs := make([]error, len(found))
	kube.InParallel(len(found), func(n int) {
		if found[n], errs[n] = c.ListMeta(ctx, kinds()[n], "", signed); kube.NotFound(errs[n]) {
			errs[n] = nil // no such kind, so no such object
		}
	})
	for n, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("listing %ss: %w", kinds()[n].Kind, c.Explain(err))
		}
	}
	return slices.Concat(found...), nil
}

// use asks who needs the control plane that goes, and which tags stay behind.
func (s sorter) use(ctx context.Context, c *kube.Client, all []*metav1.PartialObjectMetadata) error {
	own := map[snapshot.Key]bool{}
	for _, o := range all {
		if s.goes(snapshot.Signature(o)) {
			own[snapshot.KeyOf(o)] = true
		}
	}
	istiod, ambient := false, false
	for _, o := range s.Objects {
		istiod = istiod || o.Component == "Pilot"
		ambient = ambient || o.Key.Kind == "DaemonSet"
	}
	return s.ask(ctx, c, s.revision(), own, istiod, ambient)
}

// Users finds who needs an installation of which only the workloads are known,
// and which tags it would leave behind. Helm knows the rest of it.
func Users(ctx context.Context, c *kube.Client, owner snapshot.Owner, workloads []snapshot.Key) (*Removal, error) {
	r, i := &Removal{}, Installation{Owner: owner}
	own := map[snapshot.Key]bool{}
	istiod, ambient := false, false
	for _, k := range workloads {
		own[k] = true
		istiod = istiod || strings.HasPrefix(k.Name, "istiod")
		ambient = ambient || k.Kind == "DaemonSet"
	}
	return r, r.ask(ctx, c, i.revision(), own, istiod, ambient)
}

func (r *Removal) ask(ctx context.Context, c *kube.Client, rev string, own map[snapshot.Key]bool, istiod, ambient bool) error {
	tags, err := revision.Tags(ctx, c)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if istiod && t.Revision == rev && !own[t.At] && !slices.Contains(r.Gone, t) {
			r.Tags = append(r.Tags, t)
		}
	}
	if !istiod && !ambient {
		return nil // gateways by themselves inject nobody
	}
	q := revision.Question{Revision: rev, Tags: tags, Own: own, Ambient: ambient}
	if r.Users, err = revision.Using(ctx, c, q); err != nil {
		return fmt.Errorf("looking for who uses revision %s: %w", rev, err)
	}
	return nil
}

// unsigned finds objects of the inventory that are there without the labels of
// any installation: somebody has made them their own.
func (s sorter) unsigned(ctx context.Context, c *kube.Client, all []*metav1.PartialObjectMetadata) error {
	seen := map[snapshot.Key]bool{}
	for _, o := range all {
		seen[snapshot.KeyOf(o)] = true
	}
	for _, o := range s.Objects {
		seen[o.Key] = true
	}
	for _, k := range s.Inventory {
		if seen[k] || k.Kind == "Namespace" {
			continue
		}
		o, err := c.Get(ctx, schema.GroupVersionKind{Group: k.Group, Kind: k.Kind}, k.Namespace, k.Name)
		if kube.NotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", k, c.Explain(err))
		}
		s.Left = append(s.Left, Left{k, holder(o)})
	}
	return nil
}
