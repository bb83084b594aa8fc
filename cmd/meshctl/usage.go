package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/meshctl/meshctl/pkg/schema"
)

// onlyCommands is for commands that have others below them and do nothing by
// themselves: an argument is a misspelt command.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	of := ""
	if cmd.HasParent() {
		of = " of " + cmd.CommandPath()
	}
	return usagef("unknown command %q%s%s", args[0], of, similar(cmd, args[0]))
}

// similar suggests a command for a misspelt one.
func similar(parent *cobra.Command, name string) string {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if meant := schema.Suggest(name, names); meant != "" {
		return fmt.Sprintf(", did you mean %q?", meant)
	}
	return ""
}

// unknownFlag makes a wrong flag a usage error and suggests the one that was
// meant.
func unknownFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return &exitError{exitUsage, err}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if meant := schema.Suggest(unknown.GetSpecifiedName(), names); meant != "" {
		return usagef("%w, did you mean --%s?", err, meant)
	}
	return &exitError{exitUsage, err}
}

// patient refuses to wait for no time at all.
func patient(cmd *cobra.Command) error {
	f := cmd.Flags().Lookup("timeout")
	if f == nil {
		return nil
	}
	if d, err := time.ParseDuration(f.Value.String()); err == nil && d <= 0 {
		return usagef("--timeout %s is no time to wait; give one such as 2m", f.Value)
	}
	return nil
}

// helps makes help for a command that does not exist a usage error; cobra
// prints that of meshctl.
func helps(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() != "help" {
			continue
		}
		c.Run = nil
		c.RunE = func(_ *cobra.Command, args []string) error {
			about := root
			for i, name := range args {
				next, _, err := about.Find([]string{name})
				if err != nil || next == about {
					return onlyCommands(about, args[i:])
				}
				about = next
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		}
	}
}

// completes keeps shells from offering files where none are taken.
func completes(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 && cmd.Name() != "validate" {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, name := range []string{"revision", "name", "release", "set", "timeout", "severity"} {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
		}
	}
	for _, c := range cmd.Commands() {
		completes(c)
	}
}
