package snapshot

import (
	"reflect"
	"sync"
)

// derived holds what was made of a snapshot, so that rules which need the same
// index build it once.
type derived struct {
	mu     sync.Mutex
	values map[reflect.Type]any
}

// Derived is what build makes of the snapshot. It is built once for a type and
// shared, so nobody may change it; a part that is read anew drops it.
func Derived[T any](s *Snapshot, build func(*Snapshot) T) T {
	if s.derived == nil {
		return build(s) // of a snapshot without any part
	}
	s.derived.mu.Lock()
	defer s.derived.mu.Unlock()
	key := reflect.TypeFor[T]()
	if v, ok := s.derived.values[key]; ok {
		return v.(T)
	}
	v := build(s)
	s.derived.values[key] = v
	return v
}
