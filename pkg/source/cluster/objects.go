package cluster

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Reader reads objects. A *kube.Client is one; tests have another that holds
// the objects of a fixture. A kind that is not known is an error.
type Reader interface {
	Each(ctx context.Context, gvk schema.GroupVersionKind, namespace, labels string, visit func(*unstructured.Unstructured) error) error
	ListMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, labels string) ([]*metav1.PartialObjectMetadata, error)
	Get(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*unstructured.Unstructured, error)
	GetMeta(ctx context.Context, gvk schema.GroupVersionKind, namespace, name string) (*metav1.PartialObjectMetadata, error)
}

// list fills one part of the snapshot with objects.
type list struct {
	part snapshot.Part
	read func(context.Context, Reader, *snapshot.Snapshot) error
}

// lists are all parts that hold objects. A new one is a part and a field of
// snapshot.Objects, and a line here.
func lists() []list {
	out := neighbours()
	for _, k := range snapshot.ObjectKinds() {
		out = append(out, typed(k))
	}
	return append(out, []list{
		{snapshot.CRDs, func(ctx context.Context, r Reader, s *snapshot.Snapshot) (err error) {
			s.CRDs, err = r.ListMeta(ctx, crds, "", "")
			return err
		}},
		{snapshot.Webhooks, webhooks},
		{snapshot.Injectors, injectors},
		{snapshot.CASecrets, signingCAs},
		{snapshot.Operators, func(ctx context.Context, r Reader, s *snapshot.Snapshot) (err error) {
			s.Operators, err = r.ListMeta(ctx, kind("install.istio.io", "v1alpha1", "IstioOperator"), "", "")
			if kube.NotFound(err) {
				return nil // the kind is not there
			}
			return err
		}},
		untyped(snapshot.ControlPlanes, deployments, "app=istiod", func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.ControlPlanes }),
		untyped(snapshot.APIServices, apiServices, "", func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.APIServices }),
		{snapshot.RootCerts, rootCerts},
		{snapshot.IstiodPods, istiodPods},
	}...)
}

// Kinds that are read.
var (
	crds              = kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
	deployments       = kind("apps", "v1", "Deployment")
	apiServices       = kind("apiregistration.k8s.io", "v1", "APIService")
	mutatingWebhook   = kind("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration")
	validatingWebhook = kind("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration")
)

func kind(group, version, name string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: group, Version: version, Kind: name}
}

// untyped reads a kind as it comes, by a label selector.
func untyped(part snapshot.Part, gvk schema.GroupVersionKind, labels string, field func(*snapshot.Objects) *[]*unstructured.Unstructured) list {
	return list{part, func(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
		found, err := all(ctx, r, gvk, labels)
		if err != nil {
			return err // a part of a list is none
		}
		*field(&s.Objects) = found
		return nil
	}}
}

// typed reads a kind into its Go type, whose fields rules can use.
func typed(k snapshot.Kind) list {
	return list{k.Part, func(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
		var found snapshot.Objects
		err := r.Each(ctx, k.GroupVersionKind, "", "", into(k, &found))
		for _, version := range k.Older {
			if !kube.UnknownKind(err) {
				break
			}
			err = r.Each(ctx, k.GroupKind().WithVersion(version), "", "", into(k, &found))
		}
		if k.Custom {
			err = unlessUnknown(err)
		}
		if err != nil {
			return err // a part of a list is none
		}
		k.Replace(&s.Objects, &found)
		if k.Part == snapshot.Sidecars {
			s.ModelessSidecars = found.ModelessSidecars
		}
		return nil
	}}
}

// into decodes objects of a kind into their list.
func into(k snapshot.Kind, found *snapshot.Objects) func(*unstructured.Unstructured) error {
	return func(o *unstructured.Unstructured) error {
		o.SetManagedFields(nil) // a third of an object, which nobody reads
		_, err := k.Add(found, func(item any) error {
			return runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, item)
		})
		if err != nil {
			return gap(fmt.Sprintf("%s cannot be read: %v", snapshot.KeyOf(o), err))
		}
		if k.Part == snapshot.Sidecars && modeless(o) {
			found.ModelessSidecars = append(found.ModelessSidecars, snapshot.KeyOf(o).String())
		}
		return nil
	}
}

// modeless says whether a Sidecar has an outboundTrafficPolicy without a mode.
func modeless(o *unstructured.Unstructured) bool {
	policy, there, _ := unstructured.NestedMap(o.Object, "spec", "outboundTrafficPolicy")
	_, mode := policy["mode"]
	return there && !mode
}

// decoded lists a kind by a label selector, each object in its Go type.
func decoded[T any](ctx context.Context, r Reader, gvk schema.GroupVersionKind, labels string) (found []*T, err error) {
	err = r.Each(ctx, gvk, "", labels, func(o *unstructured.Unstructured) error {
		o.SetManagedFields(nil)
		item := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, item); err != nil {
			return gap(fmt.Sprintf("%s cannot be read: %v", snapshot.KeyOf(o), err))
		}
		found = append(found, item)
		return nil
	})
	return found, err
}

func all(ctx context.Context, r Reader, gvk schema.GroupVersionKind, labels string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	err := r.Each(ctx, gvk, "", labels, func(o *unstructured.Unstructured) error {
		o.SetManagedFields(nil)
		out = append(out, o)
		return nil
	})
	return out, err
}

func webhooks(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.Webhooks = nil
	for _, gvk := range []schema.GroupVersionKind{mutatingWebhook, validatingWebhook} {
		found, err := all(ctx, r, gvk, "")
		if err != nil {
			return err
		}
		s.Webhooks = append(s.Webhooks, found...)
	}
	return nil
}

// injectors reads the ConfigMaps in which istiods have how pods are injected.
func injectors(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	found, err := decoded[corev1.ConfigMap](ctx, r, configMaps, "istio.io/rev")
	if err != nil {
		return err
	}
	s.Injectors = slices.DeleteFunc(found, func(c *corev1.ConfigMap) bool { return !snapshot.IsInjector(c.Name) })
	return nil
}

// Lists are the parts that are lists of objects, or what running istiods tell,
// whatever is to be installed.
func Lists() []snapshot.Part {
	out := []snapshot.Part{snapshot.MeshInEffect, snapshot.ProxyStates, snapshot.IstiodMetrics, snapshot.ServedCerts}
	for _, l := range lists() {
		out = append(out, l.part)
	}
	return out
}
