package finding

import (
	"strconv"
	"strings"
)

// Count says how many things there are, for every text that counts: 1 object,
// 2 objects, 3 policies, 2 webhooks of istiod. What stands before "of" is
// counted.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	word, rest, _ := strings.Cut(what, " of ")
	if rest != "" {
		rest = " of " + rest
	}
	switch {
	case strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ay") && !strings.HasSuffix(word, "ey"):
		word = strings.TrimSuffix(word, "y") + "ies"
	case strings.HasSuffix(word, "s") || strings.HasSuffix(word, "x"):
		word += "es"
	default:
		word += "s"
	}
	return strconv.Itoa(n) + " " + word + rest
}
