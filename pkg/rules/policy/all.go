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

// anyFile is for rules about comments and baselines for files of every kind.
func anyFile() []rule.Stage { return []rule.Stage{rule.Validate, rule.Analyze} }

func documents() []snapshot.Part { return []snapshot.Part{snapshot.Documents} }
