package traffic

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"
)

// subsetPath is where the subset with a number stands.
func subsetPath(i int) string { return fmt.Sprintf("spec.subsets[%d]", i) }

// text prints labels as kubectl does.
func text(wanted map[string]string) string { return labels.Set(wanted).String() }

// matchPath is where a match of an HTTP rule stands.
func matchPath(i, j int) string { return fmt.Sprintf("spec.http[%d].match[%d]", i, j) }
