package snapshot

import (
	corev1 "k8s.io/api/core/v1"
)

// sealed makes a kind forget the values of Secrets as soon as they are decoded.
func sealed(k Kind) Kind {
	add := k.add
	k.Sealed = true
	k.add = func(to *Objects, decode func(any) error) (Object, error) {
		o, err := add(to, decode)
		if s, ok := o.(*corev1.Secret); ok && err == nil {
			forget(s)
		}
		return o, err
	}
	return k
}

// forget leaves of a Secret the names of entries that are not empty. Annotations
// go too, for kubectl keeps there what it applied.
func forget(s *corev1.Secret) {
	names := map[string][]byte{}
	for name, value := range s.Data {
		clear(value)
		if len(value) > 0 {
			names[name] = nil
		}
	}
	for name, value := range s.StringData {
		if value != "" {
			names[name] = nil
		}
	}
	s.Data, s.StringData, s.Annotations = names, nil, nil
}
