package fix_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/report"
)

// judge finds a word in each line: bad has a fix that works, worse one that
// does not, broken one that brings up an error below the same value, and lame
// one whose error stands elsewhere.
func judge(rounds *int) fix.Judge {
	return func(texts fix.Texts) (*fix.Judgement, error) {
		*rounds++
		r := &report.Report{}
		for file, text := range texts {
			for i, line := range strings.Split(string(text), "\n") {
				at := finding.Location{File: file, Line: i + 1, Column: 1, Path: fmt.Sprintf("line[%d]", i)}
				f := finding.Finding{Rule: "T", Severity: finding.Error, Message: line, At: at}
				start, end := finding.Position{Line: i + 1, Column: 1}, finding.Position{Line: i + 1, Column: 1 + len(line)}
				to := map[string]string{"bad": "good", "worse": "worse", "broken": "hurt", "lame": "sick"}[line]
				if to != "" {
					f.Fix = &finding.Fix{Edits: []finding.Edit{{File: file, Start: start, End: end, Text: to}}}
				}
				switch line {
				case "hurt":
					f.At.Path += ".inside"
				case "sick":
					f.At.Path = "elsewhere"
				case "bad", "worse", "broken", "lame":
				default:
					continue
				}
				r.Findings = append(r.Findings, f)
			}
		}
		report.Sort(r.Findings)
		return &fix.Judgement{Wanted: r, All: r}, nil
	}
}

// TestOneBadFixEach wants a fix that does not work dropped once, in every
// file, and everything else fixed in one run of few rounds.
func TestOneBadFixEach(t *testing.T) {
	many := strings.Repeat("bad\n", 300)
	for name, c := range map[string]struct {
		files, rounds, fixed, dropped int
		text                          string
	}{
		"many files":    {24, 5, 24, 24, "worse\nbad\n"},
		"more files":    {200, 5, 400, 200, "bad\nbroken\nbad\n"},
		"many fixes":    {1, 5, 300, 1, "worse\n" + many},
		"another error": {1, 5, 300, 1, many + "broken\n"},
		"far error":     {1, 40, 300, 1, many + "lame\n"},
		"far errors":    {24, 40, 24 * 300, 24 * 2, "lame\n" + many + "lame\n"},
		"all bad":       {3, 5, 0, 300, strings.Repeat("worse\n", 100)},
	} {
		t.Run(name, func(t *testing.T) {
			texts := fix.Texts{}
			for i := range c.files {
				texts[fmt.Sprintf("%03d.yaml", i)] = []byte(c.text)
			}
			rounds := 0
			got, err := fix.Run(texts, judge(&rounds))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Fixed) != c.fixed || len(got.Dropped) != c.dropped || rounds > c.rounds {
				t.Errorf("%d fixed, %d dropped, %d rounds; want %+v", len(got.Fixed), len(got.Dropped), rounds, c)
			}
			again, err := fix.Run(got.After, judge(&rounds))
			if err != nil {
				t.Fatal(err)
			}
			if len(again.Changed()) > 0 {
				t.Errorf("a second run changes more:\n%s", again.Diff())
			}
		})
	}
}

// TestFilesThatDepend wants no fix made that only works without that of
// another file, and what is left said.
func TestFilesThatDepend(t *testing.T) {
	judge := func(texts fix.Texts) (*fix.Judgement, error) {
		r := &report.Report{}
		fixed := 0
		for file, text := range texts {
			if bytes.Equal(text, []byte("x")) {
				r.Findings = append(r.Findings, finding.Finding{Rule: "T", At: finding.Location{File: file, Line: 1, Column: 1}, Message: "x", Fix: &finding.Fix{
					Edits: []finding.Edit{{File: file, Start: finding.Position{Line: 1, Column: 1}, End: finding.Position{Line: 1, Column: 2}, Text: "y"}}}})
				continue
			}
			fixed++
		}
		if fixed > 1 {
			r.Findings = append(r.Findings, finding.Finding{Rule: "U", Severity: finding.Error, Message: "two of a kind"})
		}
		r.Findings = report.Sort(r.Findings)
		return &fix.Judgement{Wanted: r, All: r}, nil
	}
	got, err := fix.Run(fix.Texts{"a": []byte("x"), "b": []byte("x"), "c": []byte("x")}, judge)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Fixed) != 1 || len(got.Dropped) != 2 || len(got.Report.Findings) != 2 {
		t.Errorf("%d fixed, dropped %v, left %v", len(got.Fixed), got.Dropped, got.Report.Findings)
	}
}
