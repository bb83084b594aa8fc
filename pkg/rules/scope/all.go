// Package scope holds the rules about what is visible where and what applies to
// whom: exportTo, Sidecars and selectors.
package scope

import (
	"github.com/meshctl/meshctl/pkg/rule"
)

const category = "Visibility"

func analyze() []rule.Stage { return []rule.Stage{rule.Analyze} }

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{
		severalSidecars(), importsAll(), noSidecar(), importedConflict(), importNotFound(), importsDropped(), overlappingSidecars(), rootSelector(), emptyMode(),
		foreignHost(), openRights(), selectsNothing(), unknownNamespace(), telemetryConflict(), ineffectivePatch(), severalPeers(), missingProvider(),
	}
}
