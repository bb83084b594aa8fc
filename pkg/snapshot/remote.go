package snapshot

import (
	"fmt"
	"maps"
	"slices"
)

// RemoteLabel marks the Secrets in which istiod finds other clusters.
const RemoteLabel = "istio/multiCluster"

// Remote says that istiod reads another cluster besides, by a Secret that is
// seen; "" if none is.
func (s *Snapshot) Remote() string {
	for _, secret := range s.Secrets {
		if secret.Labels[RemoteLabel] != "true" {
			continue
		}
		if ids := slices.Sorted(maps.Keys(secret.Data)); len(ids) > 0 {
			return CountsToo(ids[0])
		}
	}
	return ""
}

// CountsToo says what else there is besides the cluster that was read.
func CountsToo(cluster string) string {
	return fmt.Sprintf("services and pods of cluster %s count too, of which there is a remote secret, and they are not seen", cluster)
}
