package schema

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// Suggest returns the candidate that was probably meant, or "" where none is
// close enough: a third of the letters may differ, two of four, one of fewer.
// Two letters that changed places count once, and case never does.
func Suggest(name string, candidates []string) string {
	limit := max(len(name)/3, 1)
	if len(name) >= 4 {
		limit = max(limit, 2)
	}
	best, letters := "", utf8.RuneCountInString(name)
	for _, c := range candidates {
		if more := utf8.RuneCountInString(c) - letters; max(more, -more) > limit {
			continue // they differ in as many letters at least
		}
		d := distance(name, c)
		if d > 1 && len(c) < 4 {
			continue // of three letters too little is left
		}
		if d <= limit && d < max(len(name), len(c)) {
			best, limit = c, d-1 // only a closer one replaces it
		}
	}
	return best
}

// SuggestValue is Suggest for the values of a field. They are short, and some
// look alike by chance, as HTTP and SCTP do: more than half of the letters have
// to be right. A word of one value alone, such as REGISTRY, means that one.
func SuggestValue(name string, values []string) string {
	if meant := Suggest(name, values); meant != "" && 2*distance(name, meant) < len(name) {
		return meant
	}
	const shortest = 5
	var holding []string
	for _, v := range values {
		if len(name) >= shortest && strings.Contains(strings.ToLower(v), strings.ToLower(name)) {
			holding = append(holding, v)
		}
	}
	if len(holding) == 1 {
		return holding[0]
	}
	return ""
}

// Meant is Suggest for a fix: certain says that the name can only be a
// misspelling of what it returns.
func Meant(name string, candidates []string) (meant string, sure bool) {
	meant = Suggest(name, candidates)
	return meant, certain(name, meant, candidates)
}

// certain says that a name can only be a misspelling of the suggestion: it is
// much nearer than what Suggest is content with, and no other name is as near.
func certain(name, suggestion string, candidates []string) bool {
	best := distance(name, suggestion)
	if suggestion == "" || len(name) < 3 || best > max(1, len(name)/5) {
		return false
	}
	return !slices.ContainsFunc(candidates, func(c string) bool { return c != suggestion && distance(name, c) <= best })
}

// distance counts the letters in which two names differ.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	d := levenshtein.Distance(a, b, nil)
	if d == 2 && exchanged(a, b) {
		return 1
	}
	return d
}

// exchanged says that two names differ in two letters that changed places.
func exchanged(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var at []int
	for i := range len(a) {
		if a[i] != b[i] {
			at = append(at, i)
		}
	}
	return len(at) == 2 && a[at[0]] == b[at[1]] && a[at[1]] == b[at[0]]
}
