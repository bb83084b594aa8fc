package schema

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// bury marks the values that no chart reads in the tree of spec.values.
func bury(root *node) {
	list := facts.DeadValues()
	for i := range list {
		n := root
		for name := range strings.SplitSeq(list[i].Path, ".") {
			if n, _ = n.child(name); n == nil {
				break
			}
		}
		if n != nil {
			n.dead = &list[i]
		}
	}
}

// unused is the message about a dead value.
func unused(path string, d *facts.Dead, istio facts.Minor) string {
	message := path + " has no effect in Istio " + istio.String() + ": istioctl accepts it, but no chart reads it"
	if d.Instead != "" {
		message += "; use " + d.Instead
	}
	return message
}
