package engine

import (
	"fmt"
	"slices"
	"strings"
)

// maxReasons is how many reasons a line lists.
const maxReasons = 3

// reasons joins why a rule could not tell, each said once; of many
// configurations that share a fault the first are enough.
func reasons(all []string) string {
	var once []string
	for _, reason := range all {
		if !slices.Contains(once, reason) {
			once = append(once, reason)
		}
	}
	if more := len(once) - maxReasons; more > 0 {
		once = append(once[:maxReasons], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(once, "; ")
}
