package fix

import (
	"maps"

	"github.com/meshctl/meshctl/pkg/finding"
)

// pick takes the findings whose fixes can be made at once: their edits
// neither overlap nor touch. Two that touch might both add the same map, so
// the second waits for the next round.
func (f *fixer) pick(from state, limit int) []finding.Finding {
	var out []finding.Finding
	taken := map[string][]span{}
	for _, found := range from.judged.Wanted.Findings {
		if limit > 0 && len(out) == limit {
			break
		}
		if found.Fix == nil || len(found.Fix.Edits) == 0 || f.declined[key(found)] {
			continue
		}
		if reserve(taken, from.texts, found.Fix.Edits) {
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
