package cluster

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// running derives the Istio minor that the installation replaces from the
// control planes: that of the same revision, else the oldest one.
func running(_ context.Context, _ *kube.Client, s *snapshot.Snapshot) error {
	if ok, why := s.Has(snapshot.ControlPlanes); !ok {
		return gap(why)
	}
	own := false
	for _, d := range s.ControlPlanes {
		minor, err := snapshot.ControlPlaneMinor(d)
		if err != nil {
			return gap("the version of " + snapshot.KeyOf(d).String() + " cannot be read from its image")
		}
		same := sameRevision(s, d)
		if same && !own || same == own && (!s.Target.From.Known() || minor.Before(s.Target.From)) {
			s.Target.From, own = minor, same
		}
	}
	return nil
}

func sameRevision(s *snapshot.Snapshot, d *unstructured.Unstructured) bool {
	revision := d.GetLabels()["istio.io/rev"]
	for _, c := range s.Configs {
		if c.Revision() == revision || c.Revision() == "" && revision == "default" {
			return true
		}
	}
	return false
}
