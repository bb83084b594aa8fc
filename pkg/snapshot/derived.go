package snapshot

import (
	"reflect"
	"sync"
)

// derived holds what was made of a snapshot, so that rules which need the same
// index build it once.
type derived struct{ values sync.Map }

// Derived is what build makes of the snapshot, which may itself use what is
// derived. It is built once for a type and shared, so nobody may change it; a
// part that is read anew drops it.
func Derived[T any](s *Snapshot, build func(*Snapshot) T) T {
	if s.derived == nil {
		return build(s) // of a snapshot without any part
	}
	once, _ := s.derived.values.LoadOrStore(reflect.TypeFor[T](), sync.OnceValue(func() T { return build(s) }))
	return once.(func() T)()
}
