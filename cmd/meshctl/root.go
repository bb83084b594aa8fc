package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/secret"
	"github.com/meshctl/meshctl/pkg/writer"
)

// Exit codes, the same for every command and every output format.
const (
	exitOK       = 0 // nothing at or above --fail-on
	exitFindings = 1 // the user must act
	exitUsage    = 2 // a flag or an argument is wrong
	exitFailed   = 3 // the tool could not do its work, or was told to stop
)

// streams are the ends of a run; tests put buffers here.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError carries an exit code up to run. Its cause is printed there.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return ""
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// usagef is a mistake in how meshctl was called.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// errFindings ends a command whose report was already printed.
var errFindings = &exitError{code: exitFindings}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitFailed, err}
	}
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		exit = &exitError{exitFailed, err} // whatever it was at
		fmt.Fprintln(s.err, "meshctl: interrupted")
	case exit.cause != nil:
		fmt.Fprintf(s.err, "meshctl: %s\n", writer.CleanLines(secret.Text(err.Error())))
	}
	if exit.code == exitUsage {
		fmt.Fprintf(s.err, "Run \"%s --help\" for the flags and examples.\n", called.CommandPath())
	}
	return exit.code
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "meshctl",
		Short: "Know that an Istio installation is right, before and after",
		Long: `meshctl checks what you are about to install, the cluster you install it on,
and what came of it.

  validate   checks IstioOperator and Helm values files; needs no cluster
  analyze    checks what the mesh is told: routes, policies, services, workloads
  precheck   asks a cluster whether it is ready for exactly this installation
  install    validates, prechecks, shows a plan, applies, waits and verifies
  verify     checks and probes an installation
  uninstall  removes one, after showing what goes and who still needs it
  tag        moves namespaces from one revision to another
  rehearse   does all of it on an embedded control plane on this machine

Exit codes: 0 nothing to do, 1 findings, 2 wrong usage, 3 meshctl itself failed
or was interrupted.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		// Without Args, cobra would take a misspelt command for an argument.
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version: version(),

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return cmp.Or(noEmptyFlags(cmd), patient(cmd))
		},
	}
	root.SetVersionTemplate("meshctl {{.Version}}\n")
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(unknownFlag)
	root.AddCommand(
		newValidate(s), newAnalyze(s), newPrecheck(s), newPlan(s), newInstall(s), newVerify(s), newUninstall(s), newTag(s), newRehearse(s),
		newSandbox(s), newProfiles(s), newRules(s), newSchema(s), newVersion(s),
	)
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	shells(root)
	helps(root)
	completes(root)
	return root
}

// shells makes an unknown shell an error: cobra only prints help.
func shells(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = func(_ *cobra.Command, args []string) error {
				if len(args) > 0 {
					return usagef("completion: unknown shell %q, want bash, zsh, fish or powershell", args[0])
				}
				return nil
			}
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// noEmptyFlags refuses flags without a value, which a pipeline gives where a
// variable is not set: the checks that need them would be left out silently.
func noEmptyFlags(cmd *cobra.Command) error {
	for _, name := range []string{"platform", "kubernetes-version", "istio-version", "from-version", "profile", "chart"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed && f.Value.String() == "" {
			return usagef("--%s is empty: is a variable not set? Give a value, or leave the flag out", name)
		}
	}
	return nil
}

// noArguments refuses arguments and says where files go.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments; name files with -f", cmd.CommandPath())
	}
	return nil
}

// arguments wraps a cobra check of arguments so that a wrong number of them
// is a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &exitError{exitUsage, err}
		}
		return nil
	}
}
