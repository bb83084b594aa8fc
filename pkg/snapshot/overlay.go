package snapshot

import (
	"maps"
	"slices"
)

// Overlay lays the objects of files over those of a cluster, as applying them
// would: s holds the files' and gets the cluster's that the files do not have.
// All else is the cluster's, so that a part never comes without what it is about.
func (s *Snapshot) Overlay(cluster *Snapshot) {
	given := *s
	*s = *cluster
	s.Files, s.Documents, s.Merged, s.Others = given.Files, given.Documents, given.Merged, given.Others
	s.Malformed, s.UnknownFields, s.RefusedValues = given.Malformed, given.UnknownFields, given.RefusedValues
	s.Replaced, s.Origins = given.Replaced, given.Origins
	s.Settings, s.Overlaid = given.Settings, map[string]Object{}
	for _, k := range ObjectKinds() {
		var both, kept Objects
		k.Append(&kept, &cluster.Objects)
		k.Keep(&kept, func(o Object) bool {
			key := KeyOf(o).String()
			_, replaced := s.Origins[key]
			if replaced {
				s.Overlaid[key] = o
			}
			return !replaced
		})
		k.Append(&both, &given.Objects)
		k.Append(&both, &kept)
		k.Replace(&s.Objects, &both)
	}
	s.Webhooks = laid(s, given.Webhooks, cluster.Webhooks)
	s.CRDs = laid(s, given.CRDs, cluster.CRDs)
	s.Injectors = laid(s, given.Injectors, cluster.Injectors)
	s.ControlPlanes = laid(s, given.ControlPlanes, cluster.ControlPlanes)
	if len(given.Configs) > 0 {
		s.Configs, s.MeshConfigMap = given.Configs, given.MeshConfigMap
	}
	s.parts, s.derived = maps.Clone(given.parts), &derived{}
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
