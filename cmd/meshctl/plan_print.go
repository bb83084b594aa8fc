package main

import (
	"io"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/writer"
)

// printPlan prints a plan where it belongs, in colour if that is a terminal.
func (o *outputFlags) printPlan(w, terminal io.Writer, p *install.Plan, d destination, options writer.PlanOptions) error {
	if d.format == "json" {
		return planAsJSON(w, p)
	}
	doc := planDocument(p)
	options.Color = o.colored(terminal) && d.path == ""
	return writer.Plan(w, doc.Steps, *doc.Summary, options)
}

func counts(p *install.Plan) *report.Plan {
	return &report.Plan{
		Create: p.Count(install.Create), Change: p.Count(install.Change),
		Delete: p.Count(install.Delete), Unchanged: p.Count(install.Unchanged),
	}
}

func planAsJSON(w io.Writer, p *install.Plan) error { return writer.Encode(w, planDocument(p)) }

func planDocument(p *install.Plan) report.PlanDocument {
	doc := report.PlanDocument{SchemaVersion: report.PlanVersion, Summary: counts(p), Steps: []report.Step{}}
	for _, step := range p.Steps {
		entry := report.Step{Action: string(step.Action), Object: step.Key.String(), Component: step.Manifest.Component, Warning: step.Warning()}
		for _, f := range step.Fields {
			entry.Fields = append(entry.Fields, report.Field{Path: f.Path, Live: f.Live, Want: f.Want})
		}
		for _, c := range step.Conflicts {
			entry.Conflicts = append(entry.Conflicts, report.Conflict{Manager: c.Manager, Fields: c.Fields})
		}
		doc.Steps = append(doc.Steps, entry)
	}
	return doc
}
