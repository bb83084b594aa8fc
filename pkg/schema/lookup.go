package schema

import "github.com/meshctl/meshctl/pkg/facts"

// Ever says whether a surface has, or once had, a field at a path.
func Ever(s facts.Surface, path ...string) bool {
	n := surfaceTree(s)
	for _, name := range path {
		c, ok := n.child(name)
		if !ok {
			return false
		}
		n = c
	}
	return true
}

// Own is Ever for what the table says about this surface alone, without the
// globals that all charts share.
func Own(s facts.Surface, path ...string) bool {
	n := ownTree(s)
	for _, name := range path {
		c, ok := n.child(name)
		if !ok {
			return false
		}
		n = c
	}
	return true
}
