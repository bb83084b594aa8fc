package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/suppress"
	"github.com/meshctl/meshctl/pkg/writer"
)

// outputFlags are the flags of every command that makes a report.
type outputFlags struct {
	outputs        []string
	failOn         string
	selected       []string
	ignored        []string
	severities     []string
	strict         bool
	color          string
	quiet, verbose bool
}

func (o *outputFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.outputs, "output", "o", []string{"text"}, "`FORMAT[=PATH]` of the report: text or json; repeatable")
	f.StringVar(&o.failOn, "fail-on", "error", "exit 1 from this `LEVEL` on: error, warning, info or never")
	f.StringSliceVar(&o.selected, "select", nil, "run only these `RULES`: IDs or prefixes of IDs")
	f.StringSliceVar(&o.ignored, "ignore", nil, "leave these `RULES` out: IDs or prefixes of IDs")
	f.StringArrayVar(&o.severities, "severity", nil, "give a rule another severity, as `RULE=LEVEL`; repeatable")
	f.BoolVar(&o.strict, "strict", false, "count skipped checks as failed")
	f.StringVar(&o.color, "color", "auto", "`WHEN` to colour text: auto, always or never; NO_COLOR is obeyed")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print findings only")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print more: source lines and fixes below findings")
	complete := func(values ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	_ = cmd.RegisterFlagCompletionFunc("output", complete("text", "json"))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", complete("error", "warning", "info", "never"))
	_ = cmd.RegisterFlagCompletionFunc("color", complete("auto", "always", "never"))
	_ = cmd.RegisterFlagCompletionFunc("select", complete(ruleIDs()...))
	_ = cmd.RegisterFlagCompletionFunc("ignore", complete(ruleIDs()...))
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID+"\t"+r.Summary)
	}
	return ids
}

// check finds wrong flags before any work is done.
func (o *outputFlags) check() error {
	toStdout := 0
	for _, out := range o.outputs {
		format, path, toFile := strings.Cut(out, "=")
		if format != "text" && format != "json" {
			return usagef("unknown output format %q, want text or json", format)
		}
		if !toFile || path == "-" {
			toStdout++
		}
	}
	if toStdout > 1 {
		return usagef("standard output takes one format; give the other a file, for example -o text -o json=report.json")
	}
	if o.failOn != "never" {
		if _, err := finding.ParseSeverity(o.failOn); err != nil {
			return usagef("--fail-on: unknown level %q, want error, warning, info or never", o.failOn)
		}
	}
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return usagef("--color: unknown value %q, want auto, always or never", o.color)
	}
	if bad := engine.Unknown(rules.All(), append(append([]string{}, o.selected...), o.ignored...)); len(bad) > 0 {
		return usagef("no rule matches %s; `meshctl rules list` prints them all", strings.Join(bad, ", "))
	}
	_, err := o.engineOptions("")
	return err
}

func (o *outputFlags) engineOptions(stage rule.Stage) (engine.Options, error) {
	opts := engine.Options{Stage: stage, Select: o.selected, Ignore: o.ignored, Severity: map[string]finding.Severity{}, Names: suppress.Names{}}
	for _, r := range rules.All() {
		opts.Names.Add(r.ID, r.Name)
	}
	for _, s := range o.severities {
		id, level, ok := strings.Cut(s, "=")
		severity, err := finding.ParseSeverity(level)
		if !ok || err != nil {
			return opts, usagef("--severity %q: want RULE=error, RULE=warning or RULE=info", s)
		}
		if len(engine.Unknown(rules.All(), []string{id})) > 0 {
			return opts, usagef("--severity: no rule %q", id)
		}
		opts.Severity[strings.ToUpper(id)] = severity
	}
	return opts, nil
}

// json says whether standard output is to carry JSON, so that nothing else
// may be printed there.
func (o *outputFlags) json() bool {
	for _, out := range o.outputs {
		if out == "json" || out == "json=-" {
			return true
		}
	}
	return false
}

// finish prints the report in every wanted format and turns it into the
// command's result.
func (o *outputFlags) finish(s streams, r *report.Report, print textPrinter) error {
	r.Tool = report.Tool{Version: version(), Istio: facts.EmbeddedRelease}
	for _, out := range o.outputs {
		if err := o.write(s, out, r, print); err != nil {
			return err
		}
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

// failure keeps the promise that with -o json standard output is a report,
// also when the tool failed: an empty one that says why. A wrong command line
// gets none.
func (o *outputFlags) failure(s streams, command string, cause error) error {
	var exit *exitError
	if !o.json() || errors.As(cause, &exit) && exit.code == exitUsage {
		return cause
	}
	r := report.New(command, nil, nil)
	r.Failure = cause.Error()
	r.Tool = report.Tool{Version: version(), Istio: facts.EmbeddedRelease}
	if err := writer.JSON(s.out, r); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (o *outputFlags) failed(r *report.Report) bool {
	if o.strict && r.Undecided() || r.Summary.Crashed > 0 {
		return true
	}
	if o.failOn == "never" {
		return false
	}
	level, err := finding.ParseSeverity(o.failOn)
	return err == nil && r.Reached(level)
}

// textPrinter is writer.Text or writer.Checklist.
type textPrinter func(io.Writer, *report.Report, writer.TextOptions) error

func (o *outputFlags) write(s streams, out string, r *report.Report, print textPrinter) error {
	return emit(s, out, func(w io.Writer, format string, toFile bool) error {
		if format == "json" {
			return writer.JSON(w, r)
		}
		return print(w, r, o.text(s.out, toFile))
	})
}

// emit prints one FORMAT[=PATH] to where it belongs.
func emit(s streams, out string, print func(w io.Writer, format string, toFile bool) error) error {
	format, path, toFile := strings.Cut(out, "=")
	var buf bytes.Buffer
	if err := print(&buf, format, toFile); err != nil {
		return err
	}
	if toFile && path != "-" {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing report: %w", err)
		}
		return nil
	}
	if _, err := s.out.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

func (o *outputFlags) text(out io.Writer, toFile bool) writer.TextOptions {
	return writer.TextOptions{
		Color:    o.colored(out) && !toFile,
		Snippets: o.verbose || isTerminal(out) && !toFile && !o.quiet,
		Source:   sourceLines(),
		Fix:      fixOf,
		Quiet:    o.quiet,

		Suppressed: o.verbose,
	}
}

func (o *outputFlags) colored(out io.Writer) bool {
	switch {
	case o.color == "always":
		return true
	case o.color == "never", os.Getenv("NO_COLOR") != "", os.Getenv("TERM") == "dumb":
		return false
	}
	return isTerminal(out)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func fixOf(id string) string {
	for _, r := range rules.All() {
		if r.ID == id {
			return r.Fix
		}
	}
	return ""
}

// sourceLines reads files on demand, each once, for the snippets.
func sourceLines() func(string, int) string {
	files := map[string][]string{}
	return func(file string, line int) string {
		lines, ok := files[file]
		if !ok {
			if data, err := os.ReadFile(file); err == nil {
				lines = strings.Split(string(data), "\n")
			}
			files[file] = lines
		}
		if line < 1 || line > len(lines) {
			return ""
		}
		return strings.TrimRight(lines[line-1], "\r")
	}
}
