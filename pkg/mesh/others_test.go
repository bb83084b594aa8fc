package mesh_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestMadeByOther(t *testing.T) {
	const rollout = `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: blog, namespace: press}
spec:
  template:
    metadata: {labels: {app: blog, version: v1}}
`
	m := mesh.Of(&snapshot.Snapshot{Documents: document.Parse("blog.yaml", []byte(rollout))})
	for name, c := range map[string]struct {
		namespace string
		labels    map[string]string
		want      string
	}{
		"all labels":        {"press", map[string]string{"app": "blog", "version": "v1"}, "Rollout blog"},
		"anywhere":          {"", map[string]string{"app": "blog"}, "Rollout blog"},
		"another namespace": {"shop", map[string]string{"app": "blog"}, ""},
		"another value":     {"press", map[string]string{"app": "blog", "version": "v2"}, ""},
		"no labels":         {"press", nil, "Rollout blog"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.MadeByOther(c.namespace, c.labels); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
