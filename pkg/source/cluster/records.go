package cluster

import (
	"context"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/record"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// records reads what install recorded.
func records(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	found, err := record.List(ctx, c, "")
	if err != nil {
		return err
	}
	s.Records = nil
	for _, f := range found {
		r := snapshot.Record{At: snapshot.KeyOf(f.Secret)}
		if f.Refused != nil {
			r.Refused = f.Refused.Error()
		} else {
			r.Owner, r.State, r.Started, r.Inventory = f.Owner, string(f.State), f.Started, f.Inventory
		}
		s.Records = append(s.Records, r)
	}
	return nil
}
