package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// neighbours are the lists about what the mesh has to get along with: CNI
// plugins, machines outside, and who may sign certificates. Of a CNI plugin's
// configuration only the one object that it names is read.
func neighbours() []list {
	return []list{
		{snapshot.CiliumConfig, ciliumConfig},
		{snapshot.CalicoConfig, calicoConfig},
		ofCRD(snapshot.CalicoLayers, kind("operator.tigera.io", "v1", "ApplicationLayer"), func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.CalicoLayers }),
		known(snapshot.SecurityGroupPolicies, kind("vpcresources.k8s.aws", "v1beta1", "SecurityGroupPolicy"), func(o *snapshot.Objects) *[]*metav1.PartialObjectMetadata { return &o.SecurityGroupPolicies }),
		{snapshot.CiliumPolicies, ciliumPolicies},
	}
}

// known reads the metadata of a kind that the server need not know.
func known(part snapshot.Part, gvk schema.GroupVersionKind, field func(*snapshot.Objects) *[]*metav1.PartialObjectMetadata) list {
	return list{part, func(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
		found, err := r.ListMeta(ctx, gvk, "", "")
		*field(&s.Objects) = found
		return unlessUnknown(err)
	}}
}

func unlessUnknown(err error) error {
	if kube.UnknownKind(err) {
		return nil
	}
	return err
}

func ciliumConfig(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.CiliumConfig = nil
	o, err := r.Get(ctx, kind("", "v1", "ConfigMap"), "kube-system", "cilium-config")
	switch {
	case kube.NotFound(err):
		return nil
	case err != nil:
		return err
	}
	o.SetManagedFields(nil)
	s.CiliumConfig = &corev1.ConfigMap{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, s.CiliumConfig); err != nil {
		return gap(fmt.Sprintf("%s cannot be read: %v", snapshot.KeyOf(o), err))
	}
	return nil
}

// calicoConfig looks for the stored object first: Calico's own API server,
// which has it under another group, is not installed everywhere.
func calicoConfig(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.CalicoConfig = nil
	for _, gvk := range []schema.GroupVersionKind{kind("crd.projectcalico.org", "v1", "FelixConfiguration"), kind("projectcalico.org", "v3", "FelixConfiguration")} {
		o, err := r.Get(ctx, gvk, "", "default")
		switch {
		case kube.NotFound(err):
			continue
		case err != nil:
			return err
		}
		o.SetManagedFields(nil)
		s.CalicoConfig = o
		return nil
	}
	return nil
}

func ciliumPolicies(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.CiliumPolicies = nil
	for _, name := range []string{"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"} {
		found, err := all(ctx, r, kind("cilium.io", "v2", name), "")
		if unlessUnknown(err) != nil {
			return err
		}
		s.CiliumPolicies = append(s.CiliumPolicies, found...)
	}
	return nil
}

// A *kube.Client is a Reader.
var _ Reader = (*kube.Client)(nil)
