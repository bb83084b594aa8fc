package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// stdinName is the name that findings in standard input have.
const stdinName = "-"

// fixFlags are the two ways to make the fixes that findings have.
type fixFlags struct{ fix, diff bool }

func (f *fixFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.fix, "fix", false, "change the files as findings with one safe answer say, and report what is left; of - the result goes to standard output")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print what --fix would change as a diff, and change nothing")
}

func (f *fixFlags) asked() bool { return f.fix || f.diff }

func (f *fixFlags) check() error {
	if f.fix && f.diff {
		return usagef("--diff shows what --fix would do; give one of them")
	}
	return nil
}

// repair is one run of --fix or --diff.
type repair struct {
	fixFlags
	out    *outputFlags
	s      streams
	read   func(fix.Texts) (*snapshot.Snapshot, error)
	wanted func(*snapshot.Snapshot) (*report.Report, error)
}

// run fixes, and writes or shows the result.
func (r *repair) run(ctx context.Context) error {
	texts := fix.Texts{}
	if _, err := r.read(texts); err != nil {
		return r.out.failure(r.s, string(rule.Validate), err)
	}
	if err := r.checkStdout(texts); err != nil {
		return err
	}
	result, err := fix.Run(texts, r.judge)
	if err != nil {
		return r.out.failure(r.s, string(rule.Validate), err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	secrets := r.out.secrets()
	for _, d := range result.Dropped {
		f := secrets.Finding(d.Finding)
		fmt.Fprintf(r.s.err, "not fixed: %s: %s: %s\n", writer.Clean(f.At.String()), writer.Clean(f.Message), writer.Clean(secrets.Text(d.Reason)))
	}
	if r.diff {
		return r.show(result)
	}
	return r.write(result)
}

// checkStdout refuses a report in the place of a diff or of a fixed text.
func (r *repair) checkStdout(texts fix.Texts) error {
	what := "the diff"
	if _, piped := texts[stdinName]; r.fix && piped {
		what = "the fixed text"
	} else if r.fix {
		return nil
	}
	for _, out := range r.out.outputs {
		if format, _, _ := strings.Cut(out, "="); format != "text" && toStdout(out) {
			return usagef("standard output is for %s; give the report a file, for example -o %s=FILE", what, format)
		}
	}
	return nil
}

// judge checks texts with the rules that the user wants and with all.
func (r *repair) judge(texts fix.Texts) (*fix.Judgement, error) {
	snap, err := r.read(texts)
	if err != nil {
		return nil, err
	}
	wanted, err := r.wanted(snap)
	if err != nil {
		return nil, err
	}
	return &fix.Judgement{Wanted: wanted, All: engine.Run(rules.All(), snap, engine.Options{Stage: rule.Validate})}, nil
}

// write changes the files and reports what is left.
func (r *repair) write(result *fix.Result) error {
	if err := result.Write(stdinName); err != nil {
		return r.out.failure(r.s, string(rule.Validate), err)
	}
	result.Report.Summary.Fixed = len(result.Fixed)
	text, piped := result.After[stdinName]
	if !piped {
		return r.out.finish(r.s, result.Report, writer.Text)
	}
	if _, err := r.s.out.Write(text); err != nil {
		return fmt.Errorf("writing the fixed text: %w", err)
	}
	return r.aside(result.Report, writer.Text)
}

// show prints the diff. The report, for files that are named, and the exit
// code are about the files as they are; what --fix would leave is one line.
func (r *repair) show(result *fix.Result) error {
	diff := r.out.secrets().Diff(result.Diff(), result.Before, result.After)
	if err := writer.Diff(r.s.out, diff, r.out.colored(r.s.out)); err != nil {
		return err
	}
	if !r.out.quiet {
		if err := writer.Outlook(r.s.err, len(result.Fixed), len(result.Changed()), result.Report.Summary); err != nil {
			return err
		}
	}
	rest := *r.out
	rest.outputs = slices.DeleteFunc(slices.Clone(rest.outputs), toStdout)
	return rest.finish(r.s, result.Original, writer.Text)
}

func toStdout(out string) bool {
	_, path, _ := strings.Cut(out, "=")
	return path == "" || path == "-"
}

// aside prints text reports on standard error, because standard output is
// taken.
func (r *repair) aside(rep *report.Report, print textPrinter) error {
	s := r.s
	s.out = s.err
	return r.out.finish(s, rep, print)
}
