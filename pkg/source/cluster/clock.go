package cluster

import (
	"context"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// skew records what the answers so far tell about the API server's clock.
func skew(_ context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	ahead, known := c.Skew()
	if !known {
		return gap("no answer of the API server had a date")
	}
	s.Skew = ahead
	return nil
}
