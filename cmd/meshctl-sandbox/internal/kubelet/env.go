package kubelet

import (
	"context"
	"fmt"
	"runtime"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
	"k8s.io/utils/ptr"
)

// environment is what a container's process finds in its environment.
type environment map[string]string

func (e environment) list() []string {
	list := make([]string, 0, len(e))
	for k, v := range e {
		list = append(list, k+"="+v)
	}
	return list
}

// environment resolves the container's variables, and replaces those that only
// make sense inside a container.
func (w *worker) environment(ctx context.Context) (environment, error) {
	env := environment{}
	for _, from := range w.main.EnvFrom {
		if err := w.addAll(ctx, env, from); err != nil {
			return nil, err
		}
	}
	for _, v := range w.main.Env {
		if v.ValueFrom == nil {
			env[v.Name] = expansion.Expand(v.Value, expansion.MappingFuncFor(env))
			continue
		}
		value, found, err := w.valueFrom(ctx, v.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		if found {
			env[v.Name] = value
		}
	}
	env["KUBECONFIG"] = w.kubeconfig()
	env["HOME"], env["TMPDIR"] = w.dir, w.dir
	if n, err := strconv.Atoi(env["GOMAXPROCS"]); err == nil && n > runtime.NumCPU() {
		env["GOMAXPROCS"] = strconv.Itoa(runtime.NumCPU()) // the sandbox's nodes are larger than this machine
	}
	return env, nil
}

// addAll adds a whole ConfigMap or Secret.
func (w *worker) addAll(ctx context.Context, env environment, from corev1.EnvFromSource) error {
	data := map[string]string{}
	var err error
	switch {
	case from.ConfigMapRef != nil:
		data, err = w.configMap(ctx, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
	case from.SecretRef != nil:
		data, err = w.secret(ctx, from.SecretRef.Name, from.SecretRef.Optional)
	}
	for k, v := range data {
		env[from.Prefix+k] = v
	}
	return err
}

// valueFrom resolves a reference; not found means an optional one that isn't
// there.
func (w *worker) valueFrom(ctx context.Context, from *corev1.EnvVarSource) (value string, found bool, err error) {
	switch {
	case from.FieldRef != nil:
		value, err = w.field(from.FieldRef.FieldPath)
		return value, true, err
	case from.ResourceFieldRef != nil:
		value, err = w.resource(ctx, from.ResourceFieldRef)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		data, err := w.configMap(ctx, ref.Name, ref.Optional)
		return pick(data, ref.Key, ref.Optional, err)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		data, err := w.secret(ctx, ref.Name, ref.Optional)
		return pick(data, ref.Key, ref.Optional, err)
	}
	return "", false, fmt.Errorf("the sandbox does not support this kind of reference")
}

func pick(data map[string]string, key string, optional *bool, err error) (string, bool, error) {
	value, found := data[key]
	if err == nil && !found && !ptr.Deref(optional, false) {
		err = fmt.Errorf("key %q not found", key)
	}
	return value, found, err
}

// field reads a fieldRef; fieldpath knows the metadata, the rest is ours.
func (w *worker) field(path string) (string, error) {
	switch path {
	case "spec.nodeName":
		return w.pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return w.pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.podIPs":
		return w.ip, nil
	case "status.hostIP", "status.hostIPs":
		return w.host, nil
	}
	return fieldpath.ExtractFieldPathAsString(w.pod, path)
}

// resource reads a resourceFieldRef; without a limit it is what the node has.
func (w *worker) resource(ctx context.Context, ref *corev1.ResourceFieldSelector) (string, error) {
	node, err := w.runner.Client.CoreV1().Nodes().Get(ctx, w.pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("reading the pod's node: %w", err)
	}
	container := ref.ContainerName
	if container == "" {
		container = w.main.Name
	}
	return resource.ExtractResourceValueByContainerNameAndNodeAllocatable(ref, w.pod, container, node.Status.Allocatable)
}

func (w *worker) configMap(ctx context.Context, name string, optional *bool) (map[string]string, error) {
	m, err := w.runner.Client.CoreV1().ConfigMaps(w.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, unlessOptional(err, optional)
	}
	data := make(map[string]string, len(m.Data)+len(m.BinaryData))
	for k, v := range m.BinaryData {
		data[k] = string(v)
	}
	for k, v := range m.Data {
		data[k] = v
	}
	return data, nil
}

func (w *worker) secret(ctx context.Context, name string, optional *bool) (map[string]string, error) {
	s, err := w.runner.Client.CoreV1().Secrets(w.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, unlessOptional(err, optional)
	}
	data := make(map[string]string, len(s.Data))
	for k, v := range s.Data {
		data[k] = string(v)
	}
	return data, nil
}

// unlessOptional forgives a missing object that may be missing.
func unlessOptional(err error, optional *bool) error {
	if apierrors.IsNotFound(err) && ptr.Deref(optional, false) {
		return nil
	}
	return err
}
