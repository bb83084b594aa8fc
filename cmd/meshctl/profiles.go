package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/writer"
	"github.com/meshctl/meshctl/profiles"
)

func newProfiles(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List meshctl's ready configurations and print them",
		Long: `Profiles are ready IstioOperators for production. With --profile NAME, the
commands lay the files of -f over one; a list in a file, such as
ingressGateways, replaces the profile's.

istioctl's own profiles (default, ambient, demo and others) work with --profile
as well; openshift means meshctl's. In spec.profile of a file only istioctl's
work, so that istioctl can read the file too.`,
		Example: `  meshctl profiles list
  meshctl profiles show eks > istio.yaml
  meshctl validate --profile eks -f mine.yaml`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newProfilesList(s), newProfilesShow(s))
	return cmd
}

func newProfilesList(s streams) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the profiles with what each is for",
		Example: `  meshctl profiles list
  meshctl profiles list -o json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			switch output {
			case "text":
				return profilesText(s.out)
			case "json":
				return profilesJSON(s.out)
			}
			return usagef("unknown output format %q, want text or json", output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT`: text or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func profilesText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, p := range profiles.All() {
		fmt.Fprintf(t, "%s\t%s\n", p.Name, p.Summary)
	}
	return t.Flush()
}

// profileEntry is one profile in the JSON list.
type profileEntry struct {
	Name     string `json:"name"`
	Summary  string `json:"summary"`
	Platform string `json:"platform,omitempty"`
}

func profilesJSON(w io.Writer) error {
	entries := []profileEntry{}
	for _, p := range profiles.All() {
		entries = append(entries, profileEntry(p))
	}
	return writer.Encode(w, entries)
}

func newProfilesShow(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print a profile's file, which says why each setting is there",
		Example: `  meshctl profiles show production
  meshctl profiles show gke > istio.yaml`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.FixedCompletions(ownProfiles(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			data, ok := profiles.YAML(args[0])
			if !ok {
				return unknownProfile(args[0])
			}
			_, err := s.out.Write(data)
			return err
		},
	}
}

func unknownProfile(name string) error {
	names := profiles.Names()
	if meant := schema.Suggest(name, names); meant != "" {
		return usagef("no profile %q, did you mean %q?", name, meant)
	}
	return usagef("no profile %q, want one of %s", name, strings.Join(names, ", "))
}

// ownProfiles are the completions for meshctl's own profiles.
func ownProfiles() []string {
	var out []string
	for _, p := range profiles.All() {
		out = append(out, p.Name+"\t"+p.Summary)
	}
	return out
}

// completeProfiles completes --profile.
func completeProfiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	out := ownProfiles()
	for _, name := range facts.Names("istioctl", facts.Profile, facts.Embedded()) {
		if !slices.Contains(profiles.Names(), name) {
			out = append(out, cobra.CompletionWithDesc(name, "istioctl's own"))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// profilePlatform is the platform that a profile is for, "" for any.
func profilePlatform(name string) string {
	for _, p := range profiles.All() {
		if p.Name == name {
			return p.Platform
		}
	}
	return ""
}
