package ruletest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
)

// FuzzFix fixes files with random misspellings: the result must parse as the
// file did, and a second run must change nothing.
func FuzzFix(f *testing.F) {
	found, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "rules", "*", "*", "[iv]*.yaml"))
	if err != nil || len(found) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for i, path := range found {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 4096 {
			f.Add(data, uint64(i), "")
			f.Add(data, uint64(i), "istiod")
			f.Add(bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")), uint64(i), "")
		}
	}
	all := rules.All()
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, chart string) {
		if chart != "" && !slices.Contains(facts.Charts(), chart) || len(data) > 1<<14 {
			t.Skip()
		}
		text := misspell(data, rand.New(rand.NewPCG(seed, 0)))
		once := fixText(t, all, text, chart)
		if twice := fixText(t, all, once, chart); !bytes.Equal(once, twice) {
			t.Errorf("%q became %q, then %q", text, once, twice)
		}
		wellFormed(t, text, once)
	})
}

// misspell swaps, drops and doubles some letters.
func misspell(data []byte, r *rand.Rand) []byte {
	out := slices.Clone(data)
	for range r.IntN(4) {
		i := r.IntN(len(out) + 1)
		if i+1 >= len(out) || !letter(out[i]) || !letter(out[i+1]) {
			continue
		}
		switch r.IntN(3) {
		case 0:
			out[i], out[i+1] = out[i+1], out[i]
		case 1:
			out = slices.Delete(out, i, i+1)
		default:
			out = slices.Insert(out, i, out[i])
		}
	}
	return out
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func fixText(t *testing.T, all []*rule.Rule, text []byte, chart string) []byte {
	t.Helper()
	result, err := fix.Run(fix.Texts{"-": text}, func(texts fix.Texts) (*fix.Judgement, error) {
		snap, err := files.Load([]string{"-"}, nil, files.Options{Chart: chart, Texts: texts, Now: time.Unix(0, 0)})
		if err != nil {
			return nil, err
		}
		rep := engine.Run(all, snap, engine.Options{Stage: rule.Validate})
		for _, r := range rep.Rules {
			if r.Outcome == report.Crashed {
				t.Errorf("%s crashed on %q: %s", r.ID, texts["-"], r.Reason)
			}
		}
		return &fix.Judgement{Wanted: rep, All: rep}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result.After["-"]
}

// wellFormed wants the same number of documents and no more problems.
func wellFormed(t *testing.T, before, after []byte) {
	t.Helper()
	old, now := document.Parse("-", before), document.Parse("-", after)
	if len(old) != len(now) {
		t.Fatalf("%q became %q: %d documents, were %d", before, after, len(now), len(old))
	}
	for i := range now {
		if len(now[i].Problems) > len(old[i].Problems) {
			t.Errorf("%q became %q: %s", before, after, now[i].Problems[0].Message)
		}
	}
	if strings.Count(string(before), "\n") == bytes.Count(before, []byte("\r\n")) && bytes.Count(after, []byte("\n")) != bytes.Count(after, []byte("\r\n")) {
		t.Errorf("%q became %q: line ends", before, after)
	}
}
