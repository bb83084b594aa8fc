package writer

import (
	"github.com/meshctl/meshctl/pkg/finding"
)

// sarifPlace is where a finding stands: in a file, in an object, or both.
func sarifPlace(at finding.Location) sarifLocation {
	var out sarifLocation
	out.Physical.Artifact.URI = uri(artifact(at))
	out.Physical.Region = sarifRegionOf(at)
	for _, l := range []sarifLogical{{at.Cluster, "cluster"}, {at.Object, "object"}, {at.Path, "member"}} {
		if l.Name != "" {
			out.Logical = append(out.Logical, sarifLogical{clean(l.Name), l.Kind})
		}
	}
	return out
}

// sarifRegionOf leaves out what is not known. In SARIF too an end column is
// the first one behind the text; a region that ends where it starts would
// mean a place between two characters.
func sarifRegionOf(at finding.Location) *sarifRegion {
	if at.Line < 1 || at.File == "" {
		return nil
	}
	out := &sarifRegion{StartLine: at.Line, StartColumn: max(at.Column, 0)}
	if at.EndLine > at.Line || at.EndLine == at.Line && at.EndColumn > at.Column {
		out.EndLine, out.EndColumn = at.EndLine, max(at.EndColumn, 0)
	}
	return out
}

// sarifFixOf groups the edits of a fix by file.
func sarifFixOf(fix finding.Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: clean(fix.Description)}}
	index := map[string]int{}
	for _, e := range fix.Edits {
		name := uri(slashed(e.File))
		i, known := index[name]
		if !known {
			i = len(out.Changes)
			index[name] = i
			var change sarifChange
			change.Artifact.URI = name
			out.Changes = append(out.Changes, change)
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, sarifReplacement{
			Deleted:  sarifRegion{e.Start.Line, e.Start.Column, e.End.Line, e.End.Column},
			Inserted: sarifContent{e.Text},
		})
	}
	return out
}
