// Package scope holds the rules about what is visible where: exportTo and
// Sidecars.
package scope

import (
	"github.com/meshctl/meshctl/pkg/rule"
)

const category = "Visibility"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{severalSidecars()}
}
