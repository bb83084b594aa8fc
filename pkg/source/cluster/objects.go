package cluster

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
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
	return append(neighbours(), []list{
		{snapshot.CRDs, func(ctx context.Context, r Reader, s *snapshot.Snapshot) (err error) {
			s.CRDs, err = r.ListMeta(ctx, crds, "", "")
			return err
		}},
		{snapshot.Webhooks, webhooks},
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
		typed(snapshot.Namespaces, namespaces, func(o *snapshot.Objects) *[]*corev1.Namespace { return &o.Namespaces }),
		typed(snapshot.Nodes, nodes, func(o *snapshot.Objects) *[]*corev1.Node { return &o.Nodes }),
		typed(snapshot.Pods, kind("", "v1", "Pod"), func(o *snapshot.Objects) *[]*corev1.Pod { return &o.Pods }),
		typed(snapshot.Services, kind("", "v1", "Service"), func(o *snapshot.Objects) *[]*corev1.Service { return &o.Services }),
		typed(snapshot.Quotas, kind("", "v1", "ResourceQuota"), func(o *snapshot.Objects) *[]*corev1.ResourceQuota { return &o.Quotas }),
		typed(snapshot.LimitRanges, kind("", "v1", "LimitRange"), func(o *snapshot.Objects) *[]*corev1.LimitRange { return &o.LimitRanges }),
		typed(snapshot.Deployments, deployments, func(o *snapshot.Objects) *[]*appsv1.Deployment { return &o.Deployments }),
		typed(snapshot.DaemonSets, kind("apps", "v1", "DaemonSet"), func(o *snapshot.Objects) *[]*appsv1.DaemonSet { return &o.DaemonSets }),
		typed(snapshot.EndpointSlices, kind("discovery.k8s.io", "v1", "EndpointSlice"), func(o *snapshot.Objects) *[]*discoveryv1.EndpointSlice { return &o.EndpointSlices }),
		{snapshot.RootCerts, rootCerts},
		ofCRD(snapshot.Telemetries, kind("telemetry.istio.io", "v1", "Telemetry"), func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.Telemetries }),
		ofCRD(snapshot.ServiceEntries, kind("networking.istio.io", "v1", "ServiceEntry"), func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.ServiceEntries }),
		ofCRD(snapshot.RequestAuths, kind("security.istio.io", "v1", "RequestAuthentication"), func(o *snapshot.Objects) *[]*unstructured.Unstructured { return &o.RequestAuths }),
		{snapshot.IstiodPods, istiodPods},
		typed(snapshot.PriorityClasses, kind("scheduling.k8s.io", "v1", "PriorityClass"), func(o *snapshot.Objects) *[]*schedulingv1.PriorityClass { return &o.PriorityClasses }),
	}...)
}

// Kinds that are read.
var (
	nodes             = kind("", "v1", "Node")
	namespaces        = kind("", "v1", "Namespace")
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
func typed[T any](part snapshot.Part, gvk schema.GroupVersionKind, field func(*snapshot.Objects) *[]*T) list {
	return list{part, func(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
		found, err := decoded[T](ctx, r, gvk, "")
		if err != nil {
			return err // a part of a list is none
		}
		*field(&s.Objects) = found
		return nil
	}}
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

// Lists are the parts that are lists of objects, or what running istiods tell,
// whatever is to be installed.
func Lists() []snapshot.Part {
	out := []snapshot.Part{snapshot.MeshInEffect, snapshot.ProxyStates, snapshot.IstiodMetrics, snapshot.ServedCerts}
	for _, l := range lists() {
		out = append(out, l.part)
	}
	return out
}
