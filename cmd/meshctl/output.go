package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mask"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
	"github.com/meshctl/meshctl/pkg/writer"
)

// outputFlags are the flags of every command that makes a report.
type outputFlags struct {
	only           []string // the formats that a command has; nil for all
	events         bool     // the command tells its progress as events
	outputs        []string
	failOn         string
	selected       []string
	ignored        []string
	severities     []string
	strict         bool
	color          string
	quiet, verbose bool
	policy         policyFlags
	// off names parts that are not looked at, each with the reason.
	off map[snapshot.Part]string

	about []*snapshot.Snapshot // what the first and the last report are about
}

func (o *outputFlags) add(cmd *cobra.Command) {
	o.policy.add(cmd)
	f := cmd.Flags()
	f.StringArrayVarP(&o.outputs, "output", "o", []string{"text"}, "`FORMAT[=PATH]` of the report: "+listed(o.names())+"; repeatable")
	f.StringVar(&o.failOn, "fail-on", "error", "exit 1 from this `LEVEL` on: error, warning, info or never")
	f.StringSliceVar(&o.selected, "select", nil, "run only these `RULES`: IDs, prefixes of IDs or names")
	f.StringSliceVar(&o.ignored, "ignore", nil, "leave these `RULES` out: IDs, prefixes of IDs or names")
	f.StringArrayVar(&o.severities, "severity", nil, "give a rule another severity, as `RULE=LEVEL`; repeatable")
	f.BoolVar(&o.strict, "strict", false, "count skipped checks as failed")
	f.StringVar(&o.color, "color", "auto", "`WHEN` to colour text: auto, always or never; NO_COLOR is obeyed")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing but the findings that --fail-on is about")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print more: source lines and fixes below findings; of an installation every check and object")
	complete := func(values ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	_ = cmd.RegisterFlagCompletionFunc("output", complete(o.names()...))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", complete("error", "warning", "info", "never"))
	_ = cmd.RegisterFlagCompletionFunc("color", complete("auto", "always", "never"))
	_ = cmd.RegisterFlagCompletionFunc("select", completeRules)
	_ = cmd.RegisterFlagCompletionFunc("ignore", completeRules)
}

func completeRules(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var ids []cobra.Completion
	for _, r := range rules.All() {
		ids = append(ids, cobra.CompletionWithDesc(r.ID, r.Summary))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// check finds wrong flags and a wrong configuration file before any work is
// done.
func (o *outputFlags) check() error {
	if err := o.checkOutputs(); err != nil {
		return err
	}
	if err := o.policy.load(); err != nil {
		return err
	}
	o.inherit()
	o.selected, o.ignored = byID(o.selected), byID(o.ignored)
	if o.failOn != "never" {
		if _, err := finding.ParseSeverity(o.failOn); err != nil {
			return usagef("--fail-on: unknown level %q, want error, warning, info or never", o.failOn)
		}
	}
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return usagef("--color: unknown value %q, want auto, always or never", o.color)
	}
	if bad := engine.Unknown(rules.All(), append(append([]string{}, o.selected...), o.ignored...)); len(bad) > 0 {
		for i, name := range bad {
			bad[i] += similarRule(name)
		}
		return usagef("no rule matches %s; `meshctl rules list` prints them all", strings.Join(bad, ", "))
	}
	_, err := o.engineOptions("", nil)
	return err
}

// engineOptions says how a picture is judged; without one it only checks the
// flags.
func (o *outputFlags) engineOptions(stage rule.Stage, snap *snapshot.Snapshot) (engine.Options, error) {
	opts := engine.Options{Stage: stage, Select: o.selected, Ignore: o.ignored, Off: o.off, Severity: map[string]finding.Severity{}, Names: suppress.Names{}}
	for _, r := range rules.All() {
		opts.Names.Add(r.ID, r.Name)
	}
	for _, s := range o.severities {
		id, level, ok := strings.Cut(s, "=")
		id = byID([]string{id})[0]
		severity, err := finding.ParseSeverity(level)
		if !ok || err != nil {
			return opts, usagef("--severity %q: want RULE=error, RULE=warning or RULE=info", s)
		}
		if len(engine.Unknown(rules.All(), []string{id})) > 0 {
			return opts, usagef("--severity: no rule %q%s", id, similarRule(id))
		}
		opts.Severity[strings.ToUpper(id)] = severity
	}
	opts.Severity = o.policy.severity(opts.Severity)
	if snap == nil {
		return opts, nil
	}
	if err := o.protect(checked(snap)...); err != nil {
		return opts, err
	}
	o.policy.tell(snap)
	return opts, o.policy.suppressions(snap, &opts)
}

// byID turns names of rules, such as unknown-mesh-field, into their IDs;
// everything else stays.
func byID(names []string) []string {
	known, out := idsByName(), slices.Clone(names)
	for i, name := range out {
		if id := known[strings.ToLower(name)]; id != "" {
			out[i] = id
		}
	}
	return out
}

func (o *outputFlags) failed(r *report.Report) bool {
	if o.strict && r.Undecided() || r.Summary.Crashed > 0 {
		return true
	}
	if o.failOn == "never" || o.policy.writeBaseline != "" {
		return false
	}
	level, err := finding.ParseSeverity(o.failOn)
	return err == nil && r.Reached(level)
}

// mostOfOne is how many findings of one rule are printed as text: who has a
// thousand has one cause for them, and should see the other rules' findings.
const mostOfOne = 50

func (o *outputFlags) text(out io.Writer, toFile bool) writer.TextOptions {
	most := mostOfOne
	if o.verbose {
		most = 0
	}
	return writer.TextOptions{
		Most:     most,
		Color:    o.colored(out) && !toFile,
		Snippets: o.verbose || isTerminal(out) && !toFile && !o.quiet,
		Source:   sourceLines(o.secrets()),
		Quiet:    o.quiet,
		Least:    o.least(),

		Suppressed: o.verbose,
	}
}

// level is the severity from which on a finding fails the run. With never,
// which is about the exit code, it is error.
func (o *outputFlags) level() finding.Severity {
	level, err := finding.ParseSeverity(o.failOn)
	if err != nil {
		return finding.Error
	}
	return level
}

// least is the severity of findings that are printed: -q leaves out those that
// do not fail the run.
func (o *outputFlags) least() finding.Severity {
	if o.quiet {
		return o.level()
	}
	return finding.Info
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

// sourceLines reads files on demand, each once, for the snippets.
func sourceLines(secrets *mask.Set) func(string, int) string {
	files := map[string][]string{}
	return func(file string, line int) string {
		lines, ok := files[file]
		if !ok {
			if data, err := os.ReadFile(file); err == nil {
				lines = secrets.Lines(file, string(data))
			}
			files[file] = lines
		}
		if line < 1 || line > len(lines) {
			return ""
		}
		return strings.TrimRight(lines[line-1], "\r")
	}
}
