package cluster

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// SecretTyper tells the type of a Secret without reading its data.
type SecretTyper interface {
	SecretType(ctx context.Context, namespace, name string) (string, error)
}

// PullSecrets looks after the Secrets that rendered pods and service accounts
// name for pulling images, each once. Those that the installation brings are
// there in time.
func PullSecrets(ctx context.Context, from SecretTyper, s *snapshot.Snapshot) error {
	s.PullSecrets = nil
	seen := map[snapshot.Key]bool{}
	for _, m := range s.Rendered {
		if m.Object.GetKind() == "Secret" {
			seen[snapshot.KeyOf(m.Object)] = true
		}
	}
	for _, m := range s.Rendered {
		for _, name := range pullSecretNames(m.Object) {
			key := snapshot.Key{Kind: "Secret", Namespace: m.Object.GetNamespace(), Name: name}
			if seen[key] {
				continue
			}
			seen[key] = true
			found := snapshot.PullSecret{Namespace: key.Namespace, Name: name, By: snapshot.KeyOf(m.Object)}
			var err error
			found.Type, err = from.SecretType(ctx, key.Namespace, name)
			switch {
			case err == nil:
				found.Found = true
			case kube.Broken(err):
				return err
			case !kube.NotFound(err):
				found.Unknown = reason(err)
			}
			s.PullSecrets = append(s.PullSecrets, found)
		}
	}
	return nil
}

// pullSecretNames are those of a service account, or of a pod's template.
func pullSecretNames(o *unstructured.Unstructured) []string {
	path := []string{"spec", "template", "spec", "imagePullSecrets"}
	if o.GetKind() == "ServiceAccount" {
		path = path[3:]
	}
	var out []string
	list, _, _ := unstructured.NestedSlice(o.Object, path...)
	for _, item := range list {
		if ref, ok := item.(map[string]any); ok {
			if name, _ := ref["name"].(string); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}
