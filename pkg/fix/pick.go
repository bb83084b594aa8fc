package fix

import (
	"maps"
	"slices"

	"github.com/meshctl/meshctl/pkg/finding"
)

// attempts are the fixes to make next, of each group of files. Those that
// failed with others come when there are no others left.
func (f *fixer) attempts() []*attempt {
	groups := f.groups(f.at)
	open, held := map[string][]finding.Finding{}, map[string][]finding.Finding{}
	for _, found := range fixable(f.at.judged.Wanted) {
		if _, declined := f.declined[key(found)]; declined {
			continue
		}
		in := open
		if f.held[key(found)] {
			in = held
		}
		group := groups.of(found.At.File)
		in[group] = append(in[group], found)
	}
	var out []*attempt
	for _, group := range slices.Sorted(maps.Keys(groups.names())) {
		if batch := f.pick(open[group], f.at.texts, f.limits[group]); len(batch) > 0 {
			out = append(out, &attempt{group: group, batch: batch})
		} else if batch := f.pick(held[group], f.at.texts, f.limits[group]); len(batch) > 0 {
			out = append(out, &attempt{group: group, batch: batch, held: true})
		}
	}
	return out
}

// pick takes the findings whose fixes can be made at once: their edits
// neither overlap nor touch. Two that touch might both add the same map, so
// the second waits for the next round.
func (f *fixer) pick(from []finding.Finding, texts Texts, limit int) []finding.Finding {
	var out []finding.Finding
	taken := map[string][]span{}
	for _, found := range from {
		if limit > 0 && len(out) == limit {
			break
		}
		if _, declined := f.declined[key(found)]; !declined && reserve(taken, texts, found.Fix.Edits) {
			out = append(out, found)
		}
	}
	return out
}

// reserve adds edits to those that are taken, unless they are too close to
// one of them or not of these texts.
func reserve(taken map[string][]span, texts Texts, edits []finding.Edit) bool {
	wanted := map[string][]span{}
	for file, own := range byFile(edits) {
		text, known := texts[file]
		if !known {
			return false
		}
		spans, err := locate(text, own)
		if err != nil {
			return false
		}
		for _, s := range spans {
			for _, t := range taken[file] {
				if s.start <= t.end && t.start <= s.end {
					return false
				}
			}
		}
		wanted[file] = spans
	}
	for file, spans := range wanted {
		taken[file] = append(taken[file], spans...)
	}
	return true
}

func byFile(edits []finding.Edit) map[string][]finding.Edit {
	out := map[string][]finding.Edit{}
	for _, e := range edits {
		out[e.File] = append(out[e.File], e)
	}
	return out
}

// edited returns the texts with the fixes of findings made.
func edited(texts Texts, batch []finding.Finding) (Texts, error) {
	var edits []finding.Edit
	for _, f := range batch {
		edits = append(edits, f.Fix.Edits...)
	}
	out := maps.Clone(texts)
	for file, own := range byFile(edits) {
		text, err := Apply(texts[file], own)
		if err != nil {
			return nil, err
		}
		out[file] = text
	}
	return out, nil
}
