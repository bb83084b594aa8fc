package rule

import (
	"fmt"
	"slices"
	"strings"
)

// maxNamed is how many things of one cause a finding names.
const maxNamed = 3

// Some joins names for a finding that has one cause: the first three in their
// order, and how many more there are. A name that repeats counts once.
func Some(names []string) string {
	return First(slices.Compact(slices.Sorted(slices.Values(names))))
}

// First joins the first three names of a list whose order means something, and
// says how many there are besides.
func First(names []string) string {
	if more := len(names) - maxNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), more)
	}
	return strings.Join(names, ", ")
}
