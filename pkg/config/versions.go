package config

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// istio reads a minor that the tables know.
func (r *reader) istio(v *document.Value) string {
	text, ok := r.text(v)
	if !ok {
		return ""
	}
	minor, err := facts.ParseMinor(text)
	if err != nil {
		r.bad(v.Location(), "%s: %s", v.Path(), err)
		return ""
	}
	if _, known := facts.ReleaseOf(minor); !known {
		all := facts.Releases()
		r.bad(v.Location(), "%s: Istio %s is not known, want %s to %s", v.Path(), minor, all[0].Istio, all[len(all)-1].Istio)
		return ""
	}
	return text
}

// from is istio for the version that runs today, which may be none.
func (r *reader) from(v *document.Value) string {
	if v.Text == facts.NothingRuns {
		return v.Text
	}
	return r.istio(v)
}

func (r *reader) kubernetes(v *document.Value) string {
	text, ok := r.text(v)
	if !ok {
		return ""
	}
	if _, err := facts.ParseMinor(text); err != nil {
		r.bad(v.Location(), "%s: %s", v.Path(), err)
	}
	return text
}
