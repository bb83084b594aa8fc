package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// ofInstallation names what --fail-on weighs about objects of the installation,
// and about the probes: an old fault elsewhere in the mesh is no reason to put a good
// installation back.
func (f *flow) ofInstallation(rep *report.Report, snap *snapshot.Snapshot) []string {
	own := map[string]bool{}
	for _, m := range snap.Rendered {
		own[snapshot.KeyOf(m.Object).String()] = true
	}
	level := f.out.level()
	var out []string
	for _, f := range rep.Findings {
		mine := own[f.At.Object] || f.Rule == "POST005" || f.Rule == "POST006"
		if label := f.Rule + " " + f.Name; f.Severity >= level && mine && !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

// stage runs the rules of a stage, prints them, and stops where something is
// wrong unless forced: errors always, and whatever --fail-on and --strict say.
// Verify, the last stage, leaves the decision to the end.
func (f *flow) stage(snap *snapshot.Snapshot, stage rule.Stage, title string, print textPrinter) error {
	f.begins(stage)
	judge := f.out.gate
	if stage == rule.Verify {
		judge = f.out.judge
	}
	rep, err := judge(snap, stage)
	if err != nil {
		return err
	}
	f.parts = append(f.parts, rep)
	if f.text() {
		if err := f.print(rep, title, print); err != nil {
			return err
		}
	}
	if stage == rule.Verify || rep.Summary.Error == 0 && !f.out.failed(rep) {
		return nil
	}
	if f.force {
		fmt.Fprintf(f.streams.err, "--force overrides: %s\n", strings.Join(errorRules(rep), ", "))
		return nil
	}
	return &exitError{exitFindings, fmt.Errorf("stopped after %s, nothing was applied; --force goes on all the same", strings.ToLower(title))}
}

func (f *flow) print(rep *report.Report, title string, print textPrinter) error {
	if f.out.quiet {
		print = writer.Text
	} else {
		fmt.Fprintf(f.streams.out, "== %s\n", title)
	}
	options := f.out.text(f.streams.out, false)
	if f.brief() {
		options.Brief, options.Least = true, max(options.Least, min(finding.Warning, f.out.level()))
	}
	return print(f.streams.out, f.out.secrets().Report(rep), options)
}

func (f *flow) planOptions() writer.PlanOptions {
	return writer.PlanOptions{Brief: f.brief(), Taken: f.takeOwnership}
}

// brief says whether only what matters is printed: an installation makes a
// hundred checks, and creates fifty objects. A rehearsal is all about them.
func (f *flow) brief() bool { return f.command == "install" && !f.out.verbose && !f.out.quiet }

func errorRules(rep *report.Report) []string {
	var out []string
	for _, f := range rep.Findings {
		if label := f.Rule + " " + f.Name; f.Severity == finding.Error && !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

// text says whether the stages are printed as they finish.
func (f *flow) text() bool { return f.out.stdout() == textFormat }
