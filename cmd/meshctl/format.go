package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/writer"
)

// textFormat is for people; every other format is for machines, which get a
// well-formed document also when the command fails.
const textFormat = "text"

// textPrinter is writer.Text or writer.Checklist.
type textPrinter func(io.Writer, *report.Report, writer.TextOptions) error

// formats are the forms of a report besides text.
func (o *outputFlags) formats() map[string]func(io.Writer, *report.Report) error {
	return map[string]func(io.Writer, *report.Report) error{
		"json": writer.JSON, "sarif": writer.SARIF, "github": writer.GitHub, "gitlab": writer.GitLab, "markdown": writer.Markdown, eventsFormat: writer.LastEvent,
		"junit": func(w io.Writer, r *report.Report) error {
			level, err := finding.ParseSeverity(o.failOn)
			if err != nil { // never
				level = finding.Error
			}
			return writer.JUnit(w, r, writer.JUnitOptions{Time: time.Now(), FailOn: level, Strict: o.strict})
		},
	}
}

// names lists the formats that the command has.
func (o *outputFlags) names() []string {
	if o.only != nil {
		return o.only
	}
	names := []string{textFormat, "json", "sarif", "junit", "github", "gitlab", "markdown"}
	if o.events {
		names = append(names, eventsFormat)
	}
	return names
}

// listed joins names for a sentence: a, b or c.
func listed(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// destination is one FORMAT[=PATH]; without a path, or with -, the report
// goes to standard output.
type destination struct{ format, path string }

func parseDestination(out string) destination {
	format, path, _ := strings.Cut(out, "=")
	if path == "-" {
		path = ""
	}
	return destination{format, path}
}

// checkOutputs finds formats that do not exist and places named twice.
func (o *outputFlags) checkOutputs() error {
	seen := map[string]bool{}
	for _, out := range o.outputs {
		d := parseDestination(out)
		switch {
		case !slices.Contains(o.names(), d.format):
			return usagef("unknown output format %q, want %s", d.format, listed(o.names()))
		case d.format == eventsFormat && d.path != "":
			return usagef("-o events is a stream and goes to standard output; leave out %q", "="+d.path)
		case strings.HasSuffix(out, "="):
			return usagef("-o %s names no file; leave the = out for standard output", out)
		case d.path == "" && seen[d.path]:
			return usagef("standard output takes one format; give the other a file, for example -o text -o json=report.json")
		case seen[d.path]:
			return usagef("-o names %s twice; one file takes one format", d.path)
		}
		seen[d.path] = true
	}
	return nil
}

// stdout is the format of standard output, where nothing else may be printed
// then; "" where every report goes to a file.
func (o *outputFlags) stdout() string {
	for _, out := range o.outputs {
		if d := parseDestination(out); d.path == "" {
			return d.format
		}
	}
	return ""
}

// finish prints the report in every wanted format and turns it into the
// command's result.
func (o *outputFlags) finish(s streams, r *report.Report, print textPrinter) error {
	if err := o.print(s, r, print, o.outputs); err != nil {
		return err
	}
	if err := o.policy.keep(s, r); err != nil {
		return err
	}
	if s := r.Summary; s.Passed+s.Crashed == 0 && s.Skipped > 0 && len(r.Findings) == 0 {
		return errors.New("no check could be made; the reasons are given with each")
	}
	if !o.failed(r) {
		return nil
	}
	if o.strict && r.Undecided() {
		fmt.Fprintln(s.err, "--strict: what could not be checked counts as failed")
	}
	return errFindings
}

// print writes the report to every place; one that fails keeps none of the
// others from its report.
func (o *outputFlags) print(s streams, r *report.Report, print textPrinter, outputs []string) error {
	r = o.secrets().Report(r)
	r.Tool = report.Tool{Version: version(), Istio: facts.EmbeddedRelease}
	var errs []error
	for _, out := range outputs {
		errs = append(errs, o.write(s, parseDestination(out), r, print))
	}
	return errors.Join(errs...)
}

func (o *outputFlags) write(s streams, d destination, r *report.Report, print textPrinter) error {
	return emit(s, d, func(w io.Writer) error {
		if d.format == textFormat {
			return print(w, r, o.text(s.out, d.path != ""))
		}
		return o.formats()[d.format](w, r)
	})
}

// failure keeps the promise that a machine always finds a report, also when
// the tool failed: an empty one that says why. Text on standard output gets
// none, as standard error says it. A wrong command line gets none either.
func (o *outputFlags) failure(s streams, command string, cause error) error {
	var exit *exitError
	if errors.As(cause, &exit) && exit.code == exitUsage {
		return cause
	}
	outputs := slices.DeleteFunc(slices.Clone(o.outputs), func(out string) bool { return parseDestination(out) == destination{textFormat, ""} })
	cause = o.hide(cause)
	r := report.New(command, nil, nil)
	r.Failure = cause.Error()
	if err := o.print(s, r, writer.Text, outputs); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}
