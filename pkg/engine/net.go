package engine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
)

// withoutEchoes leaves out what a safety net caught at a line where a rule
// that knows the cause has already said so of the value: one fault, one finding. A rule
// that is left with none passes and names the rules that speak for it.
func withoutEchoes(rules []*rule.Rule, results []report.RuleResult, findings []finding.Finding) []finding.Finding {
	nets, exact, codes := map[string]bool{}, map[string]bool{}, map[string][]string{}
	for _, r := range rules {
		nets[r.ID], exact[r.ID], codes[r.ID] = r.Net, r.Exact, r.Equivalents
	}
	speaks := map[[2]string]string{} // for a code, of an object
	said := map[line][]spoken{}
	for _, f := range findings {
		if nets[f.Rule] {
			continue
		}
		for _, code := range codes[f.Rule] {
			speaks[[2]string{code, f.At.Object}] = f.Rule
		}
		for _, place := range places(f) {
			at := lineOf(place)
			said[at] = append(said[at], spoken{place, f.Rule, f.Severity})
		}
	}
	echoes := map[string]string{}
	left := map[string]int{}
	out := make([]finding.Finding, 0, len(findings))
	for _, f := range findings {
		by := ""
		for _, at := range places(f) {
			if !nets[f.Rule] {
				break
			}
			for _, other := range said[lineOf(at)] {
				if other.severity >= f.Severity && sameValue(other.at, at) && !(exact[f.Rule] && around(at, other.at)) {
					by = other.rule
				}
			}
		}
		if nets[f.Rule] && by == "" && f.At.Object != "" {
			by = speaks[[2]string{f.Rule, f.At.Object}]
		}
		if nets[f.Rule] && by == "" {
			by = repeated(f, findings, nets)
		}
		if nets[f.Rule] && by != "" {
			echoes[f.Rule] = by
			continue
		}
		left[f.Rule]++
		out = append(out, f)
	}
	for i, r := range results {
		if echoes[r.ID] != "" && left[r.ID] == 0 && r.Outcome == report.Failed {
			results[i].Outcome, results[i].Reason = report.Passed, "what it found is reported by "+echoes[r.ID]
			if r.Undecided != "" {
				results[i].Outcome, results[i].Reason, results[i].Undecided = report.Skipped, r.Undecided, ""
			}
		}
	}
	return slices.Clip(out)
}

// line is where places may be the same: a line of a file or, of what was read
// from a cluster, an object.
type line struct {
	file   string
	line   int
	object string
}

func lineOf(l finding.Location) line {
	if l.Line == 0 {
		return line{object: l.Object}
	}
	return line{file: l.File, line: l.Line}
}

// spoken is one place of which a rule that knows the cause has said something.
type spoken struct {
	at       finding.Location
	rule     string
	severity finding.Severity
}

// sameValue says whether two places on one line are those of one value, or of
// one inside the other: in flow style a line holds many.
func sameValue(a, b finding.Location) bool {
	if a.Line > 0 && (a.Column == b.Column || a.Path == "" || b.Path == "") {
		return a.Column == b.Column
	}
	return within(a.Path, b.Path) || within(b.Path, a.Path)
}

// around says whether a place is that of a value with the other in it.
func around(a, b finding.Location) bool { return a.Path != b.Path && within(a.Path, b.Path) }

func within(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func places(f finding.Finding) []finding.Location {
	out := []finding.Location{f.At}
	for _, r := range f.Related {
		out = append(out, r.At)
	}
	return slices.DeleteFunc(out, func(l finding.Location) bool { return l.Line == 0 && (l.Object == "" || l.Path == "") })
}

// repeated names the rule that has said all that a finding without a place
// says: the library that it comes from lists complaints in one text.
func repeated(f finding.Finding, all []finding.Finding, nets map[string]bool) string {
	if f.At.Line > 0 {
		return ""
	}
	by := ""
	for _, complaint := range complaints(f.Message) {
		i := slices.IndexFunc(all, func(o finding.Finding) bool {
			return !nets[o.Rule] && o.At.File == f.At.File && strings.HasSuffix(o.Message, complaint)
		})
		if i < 0 {
			return ""
		}
		by = all[i].Rule
	}
	return by
}

// listed matches the heading of a list of complaints.
var listed = regexp.MustCompile(`,? *\d+ errors? occurred:`)

func complaints(message string) []string {
	var out []string
	for _, part := range strings.Split(listed.ReplaceAllString(message, ""), " * ")[1:] {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
