package facts

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/values-profiles.tsv
var profilesTSV string

// NameKind is a kind of name that selects bundled settings.
type NameKind string

// The kinds of bundled names.
const (
	Profile              NameKind = "profile"
	Platform             NameKind = "platform"
	CompatibilityVersion NameKind = "compatibilityVersion"
)

type nameRow struct {
	chart       string
	kind        NameKind
	name        string
	first, last Minor
}

var nameRows = sync.OnceValue(func() []nameRow {
	var out []nameRow
	for c := range rows(profilesTSV, 4) {
		first, last, ranged := strings.Cut(c[3], "-")
		if !ranged {
			last = first
		}
		out = append(out, nameRow{c[0], NameKind(c[1]), c[2], mustMinor(first), mustMinor(last)})
	}
	return out
})

// Names returns the names of one kind that a chart bundles in a minor,
// sorted. The chart "istioctl" stands for the profiles of IstioOperator.
func Names(chart string, kind NameKind, istio Minor) []string {
	var out []string
	for _, r := range nameRows() {
		if r.chart == chart && r.kind == kind && !istio.Before(r.first) && !r.last.Before(istio) {
			out = append(out, r.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Bundled returns the minors, first and last, in which a chart bundles a
// name; ok is false where no known minor does.
func Bundled(chart string, kind NameKind, name string) (first, last Minor, ok bool) {
	for _, r := range nameRows() {
		if r.chart == chart && r.kind == kind && r.name == name {
			return r.first, r.last, true
		}
	}
	return Minor{}, Minor{}, false
}
