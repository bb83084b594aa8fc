package platform

import (
	"fmt"
	"strings"
)

// several lists three names and counts the others, so that a large cluster
// gives no long line.
func several(names []string) string {
	const limit = 3
	if len(names) <= limit {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), len(names)-limit)
}
