// Package values holds the rules about what a configuration says: its text,
// its fields and the images it selects.
package values

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/rule"
)

// All returns the rules of this family.
func All() []*rule.Rule {
	all := append(semantics(), []*rule.Rule{
		notYAML(), duplicateKey(), unrenderedTemplate(), severalOperators(), wrongKind(), unreadableContent(),
		valuesNotSeen(), versionNotKnown(), deadAPI(), misspeltObject(),
		imageNotDistroless(), imageDoubleSuffix(), imageVariant(),
		unknownSpecField(), unknownValue(), unknownChartValue(), removedField(), deprecatedField(), deadValue(), helmOnlyValue(), unknownMeshField(),
		notBundled(), chartDefaultsKey(), environmentVariable(), wrongType(),
	}...)
	slices.SortFunc(all, func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// semantics lists the rules about values that are well-formed, each by itself,
// and wrong together or for the target.
func semantics() []*rule.Rule {
	return []*rule.Rule{
		autoscalingAndReplicas(), numberOutOfRange(), requestsAboveLimits(), disruptionBudget(), autoscalerWithoutRequest(),
		hookNeedsShell(), retiredRegistry(), gatewayName(), gatewayPort(), otherRelease(),
		conflictingSettings(), kubernetesTooOldFor(), changedDefault(), settingsOfDisabled(), nullTakesDefault(), revisionNames(), unitMissing(),
	}
}
