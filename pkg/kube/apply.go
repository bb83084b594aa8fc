package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// FieldManager is the name under which objects are applied. It is istioctl's,
// so that `istioctl upgrade` continues from what meshctl installed and drops
// the fields that are no longer wanted, and the other way round.
const FieldManager = "istio-operator"

// ApplyOptions say how an object is applied.
type ApplyOptions struct {
	// Manager owns the fields afterwards; "" for FieldManager.
	Manager string
	// Force takes fields from other managers. Without it, a field that
	// belongs to another with another value is an error; see Conflicts.
	Force bool
	// DryRun keeps nothing.
	DryRun bool
}

// Apply sends an object by server-side apply and returns what came of it.
func (c *Client) Apply(ctx context.Context, o *unstructured.Unstructured, how ApplyOptions) (*unstructured.Unstructured, error) {
	r, err := c.resource(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return nil, err
	}
	body, err := o.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encoding %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	return r.Patch(ctx, o.GetName(), types.ApplyPatchType, body, how.patch())
}

// Try applies an object as a dry run, for the verdict alone: the API server
// answers with the metadata instead of all that it was sent.
func (c *Client) Try(ctx context.Context, o *unstructured.Unstructured, how ApplyOptions) error {
	r, err := c.metadata(ctx, o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	body, err := o.MarshalJSON()
	if err != nil {
		return fmt.Errorf("encoding %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	how.DryRun = true
	_, err = r.Patch(ctx, o.GetName(), types.ApplyPatchType, body, how.patch())
	return err
}

func (how ApplyOptions) patch() metav1.PatchOptions {
	return metav1.PatchOptions{
		FieldManager: cmp.Or(how.Manager, FieldManager), Force: &how.Force, DryRun: dry(how.DryRun),
		// Else the API server parses all a second time, for warnings that
		// nobody reads.
		FieldValidation: metav1.FieldValidationIgnore,
	}
}

// Conflict is one field that belongs to another manager with another value.
type Conflict struct {
	Manager string
	// Subresource through which it was written, such as scale; often "".
	Subresource string
	Field       string
}

// conflictWith is how the API server names a manager: conflict with "helm"
// with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z.
var conflictWith = regexp.MustCompile(`conflict with "([^"]*)"(?: with subresource "([^"]*)")?`)

// Conflicts are the fields for which the API server refused to apply an
// object; none where that was not the reason.
func Conflicts(err error) []Conflict {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var out []Conflict
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		c := Conflict{Field: strings.TrimPrefix(cause.Field, ".")}
		if m := conflictWith.FindStringSubmatch(cause.Message); m != nil {
			c.Manager, c.Subresource = m[1], m[2]
		}
		out = append(out, c)
	}
	return out
}
