package main

import (
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// sarifFixes is what a reader of SARIF needs to make fixes, and no more.
type sarifFixes struct {
	Runs []struct {
		Results []struct {
			Fixes []struct {
				ArtifactChanges []struct {
					ArtifactLocation struct{ URI string }
					Replacements     []replacement
				}
			}
		}
	}
}

type replacement struct {
	DeletedRegion   struct{ StartLine, StartColumn, EndLine, EndColumn int }
	InsertedContent struct{ Text string }
}

// TestSARIFFixes makes the fixes of SARIF reports as another program would,
// until none is left, and wants the bytes that --fix writes.
func TestSARIFFixes(t *testing.T) {
	goldens, err := filepath.Glob(filepath.Join("..", "..", "testdata", "rules", "*", "*", "want.diff"))
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, golden := range goldens {
		dir := filepath.Dir(golden)
		if _, err := os.Stat(filepath.Join(dir, "flags.txt")); err == nil {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir), func(t *testing.T) { made += sameAsFix(t, dir) })
	}
	if made < 100 {
		t.Errorf("only %d fixes were made", made)
	}
	t.Logf("%d fixes were made from SARIF", made)
}

func sameAsFix(t *testing.T, dir string) int {
	inputs, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	fixed, made := t.TempDir(), t.TempDir()
	var names []string
	for _, input := range inputs {
		text, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		name := "ü " + filepath.Base(input) // to be escaped in a URI
		names = append(names, name)
		for _, to := range []string{fixed, made} {
			if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Chdir(fixed)
	if got := meshctl(t, slices.Concat([]string{"validate", "--fix", "--fail-on", "never", "--render=false"}, names)...).wants(t, exitOK); strings.Contains(got.stderr, "not fixed: ") {
		return 0 // --fix tries what a fix leads to, and leaves this one out
	}
	t.Chdir(made)
	n := 0
	for range 10 {
		more := makeFixes(t, names)
		if n += more; more == 0 {
			break
		}
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(fixed, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != string(want) {
			t.Errorf("%s: SARIF gives\n%s\n--fix gives\n%s", name, got, want)
		}
	}
	return n
}

// makeFixes makes those fixes of a report that are clear of one another.
func makeFixes(t *testing.T, names []string) int {
	t.Helper()
	meshctl(t, slices.Concat([]string{"validate", "-q", "--fail-on", "never", "--render=false", "-o", "sarif=report"}, names)...).wants(t, exitOK)
	text, err := os.ReadFile("report")
	if err != nil {
		t.Fatal(err)
	}
	var report sarifFixes
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	edits, n := map[string][]edit{}, 0
	for _, result := range report.Runs[0].Results {
		for _, fix := range result.Fixes {
			own := map[string][]edit{}
			for _, change := range fix.ArtifactChanges {
				name, err := url.PathUnescape(change.ArtifactLocation.URI)
				if err != nil {
					t.Fatal(err)
				}
				own[name] = located(t, name, change.Replacements)
			}
			if apart(edits, own) {
				n++
				for name, list := range own {
					edits[name] = append(edits[name], list...)
				}
			}
		}
	}
	for name, list := range edits {
		rewrite(t, name, list)
	}
	return n
}

type edit struct {
	start, end int
	text       string
}

func located(t *testing.T, name string, replacements []replacement) []edit {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []edit
	for _, r := range replacements {
		at := r.DeletedRegion
		out = append(out, edit{offset(string(text), at.StartLine, at.StartColumn), offset(string(text), at.EndLine, at.EndColumn), r.InsertedContent.Text})
	}
	return out
}

// offset counts lines and characters, as columnKind unicodeCodePoints says.
func offset(text string, line, column int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func apart(have, more map[string][]edit) bool {
	for name, list := range more {
		for _, a := range list {
			for _, b := range have[name] {
				if a.start <= b.end && b.start <= a.end {
					return false
				}
			}
		}
	}
	return true
}

func rewrite(t *testing.T, name string, edits []edit) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(b.start-a.start, b.end-a.end) })
	for _, e := range edits {
		text = slices.Concat(text[:e.start], []byte(e.text), text[e.end:])
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
