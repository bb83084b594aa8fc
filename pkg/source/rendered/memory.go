package rendered

import "github.com/meshctl/meshctl/pkg/snapshot"

// Memory keeps the renderings of the last two checks for the next one, which
// may be of nearly the same files. It is for checks with the same options,
// one at a time.
type Memory struct{ last, before map[string]*job }

// recall is nil for what was not rendered lately.
func (m *Memory) recall(id string) *job {
	if m == nil {
		return nil
	}
	if j := m.last[id]; j != nil {
		return j
	}
	return m.before[id]
}

func (m *Memory) keep(byConfig map[*snapshot.Config]*job) {
	if m == nil {
		return
	}
	m.before, m.last = m.last, map[string]*job{}
	for _, j := range byConfig {
		m.last[j.id] = j
	}
}
