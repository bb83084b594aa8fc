package kube

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MergeDryRun asks the server what would come of a three-way merge as Helm
// makes it: what changed between before and after, and what differs from
// after, laid over live. What only live has stays.
func (c *Client) MergeDryRun(ctx context.Context, before, after, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	patch, kind, err := threeWay(before, after, live)
	if err != nil {
		return nil, fmt.Errorf("comparing %s %s: %w", after.GetKind(), after.GetName(), err)
	}
	if string(patch) == "{}" {
		return live, nil
	}
	r, err := c.resource(ctx, after.GroupVersionKind(), after.GetNamespace())
	if err != nil {
		return nil, err
	}
	return r.Patch(ctx, after.GetName(), kind, patch, metav1.PatchOptions{DryRun: dry(true)})
}

// threeWay makes the patch. Kinds that client-go has a Go type for say there
// how their lists are merged; of others, CRDs among them, lists are replaced.
func threeWay(before, after, live *unstructured.Unstructured) ([]byte, types.PatchType, error) {
	var docs [3][]byte
	for i, o := range []*unstructured.Unstructured{before, after, live} {
		data, err := json.Marshal(o.Object)
		if err != nil {
			return nil, "", fmt.Errorf("encoding: %w", err)
		}
		docs[i] = data
	}
	typed, err := scheme.Scheme.New(after.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) || after.GetKind() == "CustomResourceDefinition" {
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(docs[0], docs[1], docs[2])
		return patch, types.MergePatchType, err
	}
	if err != nil {
		return nil, "", err
	}
	rules, err := strategicpatch.NewPatchMetaFromStruct(typed)
	if err != nil {
		return nil, "", err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(docs[0], docs[1], docs[2], rules, true)
	return patch, types.StrategicMergePatchType, err
}
