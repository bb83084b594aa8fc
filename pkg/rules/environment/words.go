package environment

import (
	"slices"
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// enumerate joins names as a sentence does.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// counted says how many things there are, where more than an s follows the
// number; finding.Count does for the others.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// namedKeys is named for objects.
func namedKeys(keys []snapshot.Key) string {
	var names []string
	for _, key := range keys {
		names = append(names, key.String())
	}
	return named(names)
}

// named joins the names of a few things for a message, and counts the rest.
func named(names []string) string {
	const most = 3
	if len(names) <= most {
		return enumerate(names)
	}
	return enumerate(append(slices.Clone(names[:most]), counted(len(names)-most, "more", "more")))
}
