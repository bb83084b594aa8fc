package report

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Cluster is what became of one of several clusters.
type Cluster struct {
	Name   string  `json:"name"`
	Target *Target `json:"target,omitempty"`
	// Summary counts what was found in this cluster alone; nil where it could
	// not be checked.
	Summary *Summary `json:"summary,omitempty"`
	// Failure says why it could not be checked; "" if it was.
	Failure string `json:"failure,omitempty"`
}

// Named is the report about one of several clusters. Of one with a Failure
// nothing else is taken.
type Named struct {
	Name string
	*Report
}

// Fleet makes one report of those about several clusters and of one about what
// they are to one another. The reasons of rules say which clusters they are
// about, unless it is all of them.
func Fleet(command string, parts []Named, together *Report) *Report {
	checked := slices.DeleteFunc(slices.Clone(parts), func(p Named) bool { return p.Failure != "" })
	all := append(slices.Clone(checked), Named{"", together})
	var findings []finding.Finding
	for _, p := range all {
		findings = append(findings, p.Findings...)
	}
	out := New(command, sideBySide(all), findings)
	for _, p := range all {
		out.Suppress(p.Suppressed)
		for _, note := range p.Notes {
			if !slices.Contains(out.Notes, note) {
				out.Notes = append(out.Notes, note)
			}
		}
	}
	for _, p := range parts {
		out.Clusters = append(out.Clusters, p.cluster())
	}
	out.Target, out.Failure = common(checked), failures(parts)
	return out
}

func (p Named) cluster() Cluster {
	if p.Failure != "" {
		return Cluster{Name: p.Name, Failure: p.Failure}
	}
	return Cluster{Name: p.Name, Target: &p.Target, Summary: &p.Summary}
}

// common is what the clusters have in common, and the names of all.
func common(parts []Named) Target {
	var out Target
	var names []string
	for i, p := range parts {
		names = append(names, p.Name)
		if i == 0 {
			out = p.Target
		}
		for _, f := range []struct{ have, other *string }{
			{&out.Istio, &p.Target.Istio}, {&out.Kubernetes, &p.Target.Kubernetes}, {&out.Platform, &p.Target.Platform},
		} {
			if *f.have != *f.other {
				*f.have = ""
			}
		}
	}
	out.Context = strings.Join(names, ", ")
	return out
}

func failures(parts []Named) string {
	var out []string
	for _, p := range parts {
		if p.Failure != "" {
			out = append(out, p.Name+" was not checked: "+p.Failure)
		}
	}
	return strings.Join(out, "; ")
}
