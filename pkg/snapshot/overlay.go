package snapshot

import (
	"maps"
	"slices"
)

// Overlay lays the objects of files over those of a cluster, as applying them
// would: s holds the files' and gets the cluster's that the files do not have.
func (s *Snapshot) Overlay(cluster *Snapshot) {
	s.Overlaid = map[string]Object{}
	for _, k := range ObjectKinds() {
		var kept Objects
		k.Append(&kept, &cluster.Objects)
		k.Keep(&kept, func(o Object) bool {
			key := KeyOf(o).String()
			_, replaced := s.Origins[key]
			if replaced {
				s.Overlaid[key] = o
			}
			return !replaced
		})
		k.Append(&s.Objects, &kept)
	}
	s.Webhooks = laid(s, s.Webhooks, cluster.Webhooks)
	s.CRDs = laid(s, s.CRDs, cluster.CRDs)
	s.Injectors = laid(s, s.Injectors, cluster.Injectors)
	s.ControlPlanes = laid(s, s.ControlPlanes, cluster.ControlPlanes)
	s.ModelessSidecars = cluster.ModelessSidecars
	if len(s.Configs) == 0 {
		s.Configs, s.MeshConfigMap = cluster.Configs, cluster.MeshConfigMap
	}
	s.Target, s.Cluster = cluster.Target, cluster.Cluster
	for part, why := range cluster.parts {
		s.set(part, why)
	}
}

// Clone is a copy that can be laid over a cluster, while the original is laid
// over another.
func (s *Snapshot) Clone() *Snapshot {
	out := *s
	for _, k := range ObjectKinds() {
		k.Replace(&out.Objects, &s.Objects)
	}
	out.Webhooks, out.Configs = slices.Clip(s.Webhooks), slices.Clip(s.Configs)
	out.parts, out.derived = maps.Clone(s.parts), &derived{}
	return &out
}

// laid are the objects of files, and those of a cluster that they do not replace.
func laid[T Object](s *Snapshot, given, there []T) []T {
	out := slices.Clone(given)
	for _, o := range there {
		if _, replaced := s.Origins[KeyOf(o).String()]; !replaced {
			out = append(out, o)
		}
	}
	return out
}
