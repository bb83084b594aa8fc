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

// stages are where the mesh config is judged: in an installation, and as what
// the mesh is told.
func stages() []rule.Stage { return []rule.Stage{rule.Validate, rule.Analyze} }

// given is for rules about what is written, which pass where nothing is.
func given() []snapshot.Part { return []snapshot.Part{snapshot.Given} }

func configuration() []snapshot.Part { return []snapshot.Part{snapshot.Configuration} }
