// Package meshconfig holds the rules about what istiod makes of its mesh
// config and mesh networks: settings that are well-formed and refused,
// dropped or never used all the same.
package meshconfig

import (
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Mesh config"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		exportToEverybody(),
		refused(), provider(), defaultProvider(), logFormat(), networks(), discovery(),
	}
}

func validate() []rule.Stage { return []rule.Stage{rule.Validate} }

func configuration() []snapshot.Part { return []snapshot.Part{snapshot.Configuration} }
