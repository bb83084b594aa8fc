package install

import (
	"context"
	"slices"

	"github.com/meshctl/meshctl/pkg/kube"
)

// Creates says whether a plan makes a namespace.
func (p *Plan) Creates(namespace string) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		return s.Key.Kind == "Namespace" && s.Key.Name == namespace && s.Action == Create
	})
}

// EnsureNamespace applies a plan's namespace before anything else, where the
// cluster does not have it.
func EnsureNamespace(ctx context.Context, c *kube.Client, p *Plan, name string, j *Journal) error {
	for _, s := range p.Steps {
		if s.Key.Kind == "Namespace" && s.Key.Name == name && s.Action == Create {
			_, err := applyOne(ctx, c, s, Options{Journal: j})
			return err
		}
	}
	return nil
}
