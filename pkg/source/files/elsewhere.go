package files

import "github.com/meshctl/meshctl/pkg/snapshot"

// Elsewhere is the picture of configurations that were read from no file, but
// for example from a cluster.
func Elsewhere(configs []*snapshot.Config, o Options) *snapshot.Snapshot {
	s := o.snapshot()
	s.Configs = configs
	finish(s, false)
	return s
}
