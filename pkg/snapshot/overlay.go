package snapshot

// Overlay lays the objects of files over those of a cluster, as applying them
// would: s holds the files' and gets the cluster's that the files do not have.
func (s *Snapshot) Overlay(cluster *Snapshot) {
	for _, k := range ObjectKinds() {
		var kept Objects
		k.Append(&kept, &cluster.Objects)
		k.Keep(&kept, func(o Object) bool {
			_, replaced := s.Origins[KeyOf(o).String()]
			return !replaced
		})
		k.Append(&s.Objects, &kept)
	}
	s.Webhooks = append(s.Webhooks, cluster.Webhooks...)
	s.ControlPlanes = cluster.ControlPlanes
	if len(s.Configs) == 0 {
		s.Configs, s.MeshConfigMap = cluster.Configs, cluster.MeshConfigMap
	}
	s.Target = cluster.Target
	for part, why := range cluster.parts {
		s.set(part, why)
	}
}
