package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ofCluster is the result of a rule for one of several clusters.
type ofCluster struct {
	cluster string
	RuleResult
}

// sideBySide makes one result a rule: the worst, with the reasons of all that
// came out so.
func sideBySide(parts []Named) []RuleResult {
	byRule := map[string][]ofCluster{}
	for _, p := range parts {
		for _, r := range p.Rules {
			byRule[r.ID] = append(byRule[r.ID], ofCluster{p.Name, r})
		}
	}
	out := make([]RuleResult, 0, len(byRule))
	for _, results := range byRule {
		out = append(out, worstOf(results))
	}
	slices.SortFunc(out, func(a, b RuleResult) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func worstOf(results []ofCluster) RuleResult {
	rank := func(r ofCluster) int { return slices.Index([]Outcome{Passed, Skipped, Failed, Crashed}, r.Outcome) }
	out := slices.MaxFunc(results, func(a, b ofCluster) int { return cmp.Compare(rank(a), rank(b)) }).RuleResult
	out.Reason = reasonOf(results, func(r ofCluster) string {
		if r.Outcome != out.Outcome {
			return ""
		}
		return r.Reason
	})
	out.Undecided = ""
	if out.Outcome == Failed || out.Outcome == Crashed {
		out.Undecided = reasonOf(results, func(r ofCluster) string {
			if r.Outcome == Skipped {
				return r.Reason // what failed there was not looked at here
			}
			return r.Undecided
		})
	}
	return out
}

// mostReasons is how many different reasons of clusters are named.
const mostReasons = 3

// reasonOf joins the reasons of clusters, each with the names of those that
// have it; "" counts as none. What all have needs no names.
func reasonOf(results []ofCluster, reason func(ofCluster) string) string {
	var order []string
	having := map[string][]string{}
	for _, r := range results {
		if why := reason(r); why != "" {
			if having[why] == nil {
				order = append(order, why)
			}
			having[why] = append(having[why], r.cluster)
		}
	}
	if len(order) == 1 && len(having[order[0]]) == len(results) {
		return order[0]
	}
	var out []string
	for _, why := range order[:min(len(order), mostReasons)] {
		out = append(out, strings.Join(having[why], ", ")+": "+why)
	}
	if more := len(order) - mostReasons; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}
