package facts

import (
	"iter"
	"strings"
)

// rows yields the rows of an embedded table, without its heading. Every row
// has at least as many columns as asked for, empty ones where the line ends
// early.
func rows(tsv string, columns int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		_, body, _ := strings.Cut(tsv, "\n")
		for line := range strings.SplitSeq(strings.TrimRight(body, "\n"), "\n") {
			c := strings.Split(line, "\t")
			for len(c) < columns {
				c = append(c, "")
			}
			if !yield(c) {
				return
			}
		}
	}
}
