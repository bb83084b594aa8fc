package environment

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/resource"
)

// podOf is the pod that a template becomes: with the API server's defaults,
// and those of the limit ranges of its namespace.
func podOf(template corev1.PodTemplateSpec, namespace string, ranges []*corev1.LimitRange) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: template.Labels, Annotations: template.Annotations}, Spec: *template.Spec.DeepCopy()}
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			complete(&list[i].Resources, ranges)
		}
	}
	return pod
}

// complete fills in what a container does not say: a request that is its
// limit, then the defaults of the limit ranges, each as the admission plugin
// does it.
func complete(r *corev1.ResourceRequirements, ranges []*corev1.LimitRange) {
	r.Requests = filled(r.Requests, r.Limits)
	for _, lr := range ranges {
		for _, item := range lr.Spec.Limits {
			if item.Type == corev1.LimitTypeContainer {
				r.Limits, r.Requests = filled(r.Limits, item.Default), filled(r.Requests, item.DefaultRequest)
			}
		}
	}
}

func filled(list, defaults corev1.ResourceList) corev1.ResourceList {
	if list == nil {
		list = corev1.ResourceList{}
	}
	for name, quantity := range defaults {
		if _, set := list[name]; !set {
			list[name] = quantity
		}
	}
	return list
}

// requests is what a pod takes of a node, limits what it may take.
func requests(pod *corev1.Pod) corev1.ResourceList {
	return resource.PodRequests(pod, resource.PodResourcesOptions{})
}

func limits(pod *corev1.Pod) corev1.ResourceList {
	return resource.PodLimits(pod, resource.PodResourcesOptions{})
}

// inNamespace are the limit ranges of one namespace.
func inNamespace(all []*corev1.LimitRange, namespace string) []*corev1.LimitRange {
	var out []*corev1.LimitRange
	for _, lr := range all {
		if lr.Namespace == namespace {
			out = append(out, lr)
		}
	}
	return out
}
