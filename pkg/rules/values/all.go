// Package values holds the rules about what a configuration says: its text,
// its fields and the images it selects.
package values

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		notYAML(), duplicateKey(), unrenderedTemplate(), severalOperators(), wrongKind(), unreadableContent(),
		imageNotDistroless(), imageDoubleSuffix(), imageVariant(),
		metricsMerge(),
		unknownSpecField(), unknownValue(), unknownChartValue(), removedField(), deprecatedField(), deadValue(), helmOnlyValue(), unknownMeshField(),
		notBundled(), chartDefaultsKey(), environmentVariable(), wrongType(),
		notBundled(), chartDefaultsKey(), wrongType(),
		autoscalingAndReplicas(), numberOutOfRange(), requestsAboveLimits(), disruptionBudget(), autoscalerWithoutRequest(),
	}
}
