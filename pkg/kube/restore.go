package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Restore makes an object what it was, with the managers of its fields. What
// others keep in its status stays theirs. It takes two requests: one for the
// content, which makes this program the manager of what it changes, and one
// for the managers alone.
func (c *Client) Restore(ctx context.Context, before *unstructured.Unstructured) error {
	r, err := c.resource(ctx, before.GroupVersionKind(), before.GetNamespace())
	if err != nil {
		return err
	}
	live, err := r.Get(ctx, before.GetName(), metav1.GetOptions{})
	// One that is on its way out would take what is written to it along.
	for err == nil && live.GetDeletionTimestamp() != nil {
		if !Pause(ctx, 200*time.Millisecond) {
			return fmt.Errorf("it is still being deleted: %w", ctx.Err())
		}
		live, err = r.Get(ctx, before.GetName(), metav1.GetOptions{})
	}
	switch {
	case NotFound(err):
		live, err = r.Create(ctx, fresh(before), metav1.CreateOptions{FieldManager: restorer})
	case err == nil:
		live, err = r.Update(ctx, over(before, live), metav1.UpdateOptions{FieldManager: restorer})
	}
	if err != nil {
		return err
	}
	// Whoever keeps the status may have written in between.
	for range 5 {
		if _, err = r.Update(ctx, owned(before, live), metav1.UpdateOptions{FieldManager: restorer}); !apierrors.IsConflict(err) {
			break
		}
		if live, err = r.Get(ctx, before.GetName(), metav1.GetOptions{}); err != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("restoring the managers of its fields: %w", err)
	}
	return nil
}

// restorer is the manager's name while an object is put back.
const restorer = "meshctl-rollback"

// fresh is an object as it can be created again.
func fresh(before *unstructured.Unstructured) *unstructured.Unstructured {
	o := before.DeepCopy()
	for _, f := range []string{"resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink"} {
		unstructured.RemoveNestedField(o.Object, "metadata", f)
	}
	delete(o.Object, "status")
	return o
}

// over is the old content in the place of the one that is there.
func over(before, live *unstructured.Unstructured) *unstructured.Unstructured {
	o := fresh(before)
	o.SetResourceVersion(live.GetResourceVersion())
	o.SetUID(live.GetUID())
	if status, found := live.Object["status"]; found {
		o.Object["status"] = status
	}
	return o
}

// owned is the object with the managers of old; those of its status stay.
func owned(before, live *unstructured.Unstructured) *unstructured.Unstructured {
	ofStatus := func(m metav1.ManagedFieldsEntry) bool { return m.Subresource != "" }
	managers := slices.DeleteFunc(before.GetManagedFields(), ofStatus)
	for _, m := range live.GetManagedFields() {
		if ofStatus(m) {
			managers = append(managers, m)
		}
	}
	o := live.DeepCopy()
	o.SetManagedFields(managers)
	return o
}
