package mesh

// Sees is a service that a namespace sees under a host, as Lookup finds it
// first; nil where there is none.
func (m *Mesh) Sees(host, namespace string) *Service {
	for _, list := range [][]*Service{m.registry.hosts.Exact(host), m.registry.hosts.Narrowest(host)} {
		for _, s := range list {
			if s.Visible.In(namespace) {
				return s
			}
		}
	}
	if len(m.registry.hosts.Narrowest(host)) == 0 {
		return nil
	}
	if all := m.Lookup(host, namespace); len(all) > 0 { // of a wider wildcard
		return all[0]
	}
	return nil
}

// First are at most n of the workloads that Select finds.
func (m *Mesh) First(namespace string, labels map[string]string, n int) []*Workload {
	space := m.workloads.spaces[namespace]
	if space == nil {
		return nil
	}
	rarest, first := space.all, true
	for k, v := range labels {
		if with := space.with[[2]string{k, v}]; first || len(with) < len(rarest) {
			rarest, first = with, false
		}
	}
	var out []*Workload
	for _, w := range rarest {
		if len(out) == n {
			break
		}
		if Has(w.Labels, labels) {
			out = append(out, w)
		}
	}
	return out
}
