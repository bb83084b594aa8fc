package schema

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// TestEveryFieldAndItsTypos writes every field that the schema knows, in
// every minor, with a value of its type and wants no finding but a
// deprecation; then it misspells the field in several ways and wants an
// unknown field on the right line with the right suggestion. Which letter is
// hit is random, and the same in every run.
func TestEveryFieldAndItsTypos(t *testing.T) {
	var all tally
	for _, release := range facts.Releases() {
		seen := map[uintptr]bool{}
		for _, s := range surfaces() {
			w := walker{t: t, surface: s, istio: release.Istio, seen: seen}
			w.into(surfaceTree(s), "", 0)
			all.add(w.tally)
		}
	}
	t.Logf("%d fields accepted, %d typos: %d found on their line, %d with the right suggestion (%d of them one as near as the right one); %d were other fields and not tried",
		all.fields, all.typos, all.found, all.right, all.ties, all.others)
	if all.fields < 25000 || all.typos < 4*all.fields {
		t.Error("too little was tried")
	}
	if all.found != all.typos || all.right != all.typos {
		t.Errorf("%d typos not found, %d without the right suggestion", all.typos-all.found, all.typos-all.right)
	}
}

type tally struct{ fields, typos, found, right, ties, others int }

func (t *tally) add(o tally) {
	t.fields, t.typos, t.found = t.fields+o.fields, t.typos+o.typos, t.found+o.found
	t.right, t.ties, t.others = t.right+o.right, t.ties+o.ties, t.others+o.others
}

// walker goes through one surface in one minor. Types that stand in many
// places, as those of Kubernetes do, are looked into once a minor.
type walker struct {
	t       *testing.T
	surface facts.Surface
	istio   facts.Minor
	seen    map[uintptr]bool
	tally
}

// into writes the lists and maps around an object and goes through its fields.
func (w *walker) into(n *node, open string, depth int) {
	for ; n != nil && !w.istio.Before(n.since); n, depth = n.elem, depth+1 {
		switch n.shape {
		case list:
			open += indent(depth) + "-\n"
		case dict:
			open += indent(depth) + "any:\n"
		case object:
			if id := reflect.ValueOf(n.fields).Pointer(); !w.seen[id] {
				w.seen[id] = true
				w.object(n, open, depth)
			}
			return
		default:
			return
		}
	}
}

func indent(depth int) string { return strings.Repeat("  ", depth) }

func (w *walker) object(n *node, open string, depth int) {
	names := n.names(w.istio)
	for i, name := range names {
		c := n.fields[name]
		w.accepted(open+indent(depth)+fmt.Sprintf("%q: %s\n", name, sample(c)), depth)
		// Fields around the misspelt one, so that the line is not always the last.
		before, after := "", ""
		if i > 0 {
			before = indent(depth) + fmt.Sprintf("%q: null\n", names[i-1])
		}
		if i+1 < len(names) {
			after = indent(depth) + fmt.Sprintf("%q: null\n", names[i+1])
		}
		for _, typo := range typos(name, w.istio.String()+open) {
			if _, real := n.child(typo); real {
				w.others++
				continue
			}
			w.refused(n, name, typo, open+before, indent(depth)+fmt.Sprintf("%q: %s\n", typo, sample(c))+after)
		}
		w.into(c, open+indent(depth)+fmt.Sprintf("%q:\n", name), depth+1)
	}
}

func (w *walker) check(text string) []Issue {
	issues := Check(document.Parse("f", []byte(text))[0].Root, w.surface, w.istio)
	return slices.DeleteFunc(issues, func(i Issue) bool { return i.Class == Deprecated || i.Class == Dead })
}

func (w *walker) accepted(text string, depth int) {
	w.fields++
	for _, issue := range w.check(text) {
		w.t.Errorf("%s %s: %s in\n%s", w.istio, w.surface, issue.Message, text)
	}
}

func (w *walker) refused(n *node, name, typo, before, rest string) {
	issues := w.check(before + rest)
	if len(issues) == 1 && issues[0].Class == HelmOnly {
		w.others++ // the charts have a field of that name
		return
	}
	w.typos++
	line := strings.Count(before, "\n") + 1
	if len(issues) != 1 || issues[0].Class != Unknown || issues[0].Value.KeyLocation().Line != line {
		w.t.Errorf("%s %s: %q for %q on line %d of\n%s%s: got %v", w.istio, w.surface, typo, name, line, before, rest, issues)
		return
	}
	w.found++
	switch got := issues[0].Suggestion; {
	case got == name:
		w.right++
	case got != "" && edits(typo, got) <= edits(typo, name):
		w.right++
		w.ties++
	default:
		w.t.Errorf("%s %s: %q for %q: the suggestion is %q", w.istio, w.surface, typo, name, got)
	}
}

// typos misspells a name in the ways of hasty fingers: a letter left out,
// doubled, changed places with the next, another one, in the other case.
func typos(name, seed string) []string {
	h := fnv.New64a()
	h.Write([]byte(seed + name))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	at := func(n int) int { return r.IntN(max(n, 1)) }
	var out []string
	add := func(typo string) {
		if typo != name && typo != "" && !slices.Contains(out, typo) {
			out = append(out, typo)
		}
	}
	i := at(len(name))
	add(name[:i] + name[i+1:])
	i = at(len(name))
	add(name[:i] + name[i:i+1] + name[i:])
	if i = at(len(name) - 1); len(name) > 1 {
		add(name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:])
	}
	i = at(len(name))
	add(name[:i] + string(rune('a'+at(26))) + name[i+1:])
	i = at(len(name))
	add(name[:i] + otherCase(name[i:i+1]) + name[i+1:])
	return out
}

func otherCase(letter string) string {
	if upper := strings.ToUpper(letter); upper != letter {
		return upper
	}
	return strings.ToLower(letter)
}

// edits counts the slips that turn one name into another, whatever the case:
// letters left out, added, replaced, or two neighbours that changed places.
// It is written apart from what is tested.
func edits(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
