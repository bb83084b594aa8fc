// Package policy holds the rules about suppressions themselves. They
// run last and see what each of them took out.
package policy

import (
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Suppressions"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{unusedSuppression(), invalidSuppression(), fixedBaseline()}
}

func validate() []rule.Stage { return []rule.Stage{rule.Validate} }

func documents() []snapshot.Part { return []snapshot.Part{snapshot.Documents} }
