package report

import (
	"cmp"
	"slices"
	"strings"
)

// Merge makes one report of several that stand beside each other, such as
// those of two control planes. Of a rule the worst outcome counts: what is
// skipped for one of them has not passed.
func Merge(command string, parts ...*Report) *Report {
	if len(parts) == 1 {
		return parts[0]
	}
	var rules []RuleResult
	for _, part := range parts {
		for _, r := range part.Rules {
			if i := slices.IndexFunc(rules, func(have RuleResult) bool { return have.ID == r.ID }); i >= 0 {
				rules[i] = worse(rules[i], r)
			} else {
				rules = append(rules, r)
			}
		}
	}
	merged := Join(command, parts...)
	slices.SortFunc(rules, func(a, b RuleResult) int { return cmp.Compare(a.ID, b.ID) })
	merged.Rules = rules
	merged.Files = Files{}
	for _, part := range parts {
		merged.Files.Checked += part.Files.Checked
		merged.Files.Objects += part.Files.Objects
		merged.Files.Others += part.Files.Others
	}
	merged.count()
	return merged
}

// worse is the result that says more of what is wrong, with the reasons of
// both where they are alike.
func worse(a, b RuleResult) RuleResult {
	order := []Outcome{Passed, Skipped, Failed, Crashed}
	if i, j := slices.Index(order, a.Outcome), slices.Index(order, b.Outcome); i != j {
		if i < j {
			a, b = b, a
		}
		if b.Outcome == Skipped { // what failed there was not looked at here
			a.Undecided = both(a.Undecided, b.Reason)
		}
		return a
	}
	a.Reason, a.Undecided = both(a.Reason, b.Reason), both(a.Undecided, b.Undecided)
	return a
}

func both(a, b string) string {
	if a == b || b == "" || strings.Contains(a, b) {
		return a
	}
	if a == "" {
		return b
	}
	return a + "; " + b
}
