package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// label finds all records with one list.
const label = "meshctl.io/record"

var secrets = schema.GroupVersionKind{Version: "v1", Kind: "Secret"}

// Stored is a record as it was found in the cluster.
type Stored struct {
	*Record
	// Refused says why the Secret could not be understood; Record is nil then.
	Refused error
	Secret  *unstructured.Unstructured
}

// List finds the records of a namespace, "" for all.
func List(ctx context.Context, c *kube.Client, namespace string) ([]Stored, error) {
	found, err := c.List(ctx, secrets, namespace, label+"=installation")
	if err != nil {
		return nil, c.Explain(err)
	}
	var out []Stored
	for _, o := range found {
		out = append(out, stored(o))
	}
	return out, nil
}

// Load reads the record of one installation; nil where there is none.
func Load(ctx context.Context, c *kube.Client, owner snapshot.Owner) (*Stored, error) {
	o, err := c.Get(ctx, secrets, owner.Namespace, name(owner))
	if kube.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, c.Explain(err)
	}
	s := stored(o)
	return &s, nil
}

func stored(o *unstructured.Unstructured) Stored {
	s := Stored{Secret: o}
	var err error
	if s.Record, err = parse(o); err != nil {
		s.Refused = fmt.Errorf("the record %s cannot be read: %w", snapshot.KeyOf(o), err)
	}
	return s
}

// Save writes a record. The Secret has the labels by which istioctl uninstall
// removes what belongs to a revision, and the one that keeps its install from
// pruning it.
func Save(ctx context.Context, c *kube.Client, r *Record) error {
	content, err := data(r)
	if err != nil {
		return err
	}
	labels := map[string]any{
		label: "installation", "app.kubernetes.io/managed-by": "meshctl", "app.kubernetes.io/part-of": "istio",
		"istio.io/rev": cmp.Or(r.Owner.Revision, "default"), "operator.istio.io/component": "Pilot",
		"install.operator.istio.io/owning-resource":            cmp.Or(r.Owner.Name, "unknown"),
		"install.operator.istio.io/owning-resource-namespace":  r.Owner.Namespace,
		"install.operator.istio.io/owning-resource-not-pruned": "true",
	}
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "meshctl.io/installation", "data": content,
		"metadata": map[string]any{
			"name": name(r.Owner), "namespace": r.Owner.Namespace, "labels": labels,
			"annotations": map[string]any{"meshctl.io/state": string(r.State), "meshctl.io/version": r.Meshctl},
		},
	}}
	if _, err := c.Apply(ctx, o, kube.ApplyOptions{Force: true}); err != nil {
		return fmt.Errorf("recording the installation in %s: %w", snapshot.KeyOf(o), c.Explain(err))
	}
	return nil
}

// Delete removes a record.
func Delete(ctx context.Context, c *kube.Client, s Stored) error {
	if err := c.Delete(ctx, s.Secret); err != nil {
		return fmt.Errorf("removing the record %s: %w", snapshot.KeyOf(s.Secret), c.Explain(err))
	}
	return nil
}

// Ref is the name and kind of an installation's record.
func Ref(owner snapshot.Owner) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(secrets)
	o.SetNamespace(owner.Namespace)
	o.SetName(name(owner))
	return o
}

// name is that of an installation's Secret. It is short enough for any name
// and revision that the API server takes as labels.
func name(w snapshot.Owner) string {
	out := "meshctl-" + cmp.Or(w.Revision, "default")
	if w.Name != "" {
		out += "." + w.Name
	}
	return out
}

// Unwritable says that a record cannot be written for a reason that concerns
// nothing but the record.
func Unwritable(err error) bool {
	var large *TooLarge
	return kube.Forbidden(err) || errors.As(err, &large)
}
