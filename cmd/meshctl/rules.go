package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newRules(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the checks and explain them",
		Example: `  meshctl rules list
  meshctl rules list GWY AUTHZ
  meshctl rules show VAL004
  meshctl rules list -o json
  meshctl rules list --equivalents`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRulesList(s), newRulesShow(s), newRulesMarkdown(s))
	return cmd
}

func newRulesList(s streams) *cobra.Command {
	var output string
	var equivalents bool
	cmd := &cobra.Command{
		Use:   "list [PREFIX]...",
		Short: "List every rule, or those whose IDs begin so, with its severity and what it reports",
		Example: `  meshctl rules list
  meshctl rules list GWY AUTHZ`,
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, prefixes []string) error {
			if equivalents && len(prefixes) > 0 {
				return usagef("--equivalents lists the codes of other programs: leave %s out", strings.Join(prefixes, " "))
			}
			listed, err := beginning(prefixes)
			if err != nil {
				return err
			}
			if equivalents && output == "text" {
				return listEquivalents(s.out)
			}
			if equivalents && output == "json" {
				return writer.Encode(s.out, codes())
			}
			switch output {
			case "text":
				return listText(s.out, listed)
			case "json":
				return listJSON(s.out, listed)
			}
			return usagef("unknown output format %q, want text or json", output)
		},
	}
	cmd.Flags().BoolVar(&equivalents, "equivalents", false, "list the codes of istioctl and Kiali instead, each with the rules that report the same")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT`: text or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// beginning returns the rules whose IDs begin with one of the prefixes, all
// for none.
func beginning(prefixes []string) ([]*rule.Rule, error) {
	all := rules.Sorted()
	with := func(prefix string) func(*rule.Rule) bool {
		return func(r *rule.Rule) bool { return strings.HasPrefix(r.ID, strings.ToUpper(prefix)) }
	}
	for _, p := range prefixes {
		if !slices.ContainsFunc(all, with(p)) {
			return nil, usagef("no rule begins with %q; `meshctl rules list` prints them all", p)
		}
	}
	return slices.DeleteFunc(all, func(r *rule.Rule) bool {
		return len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return with(p)(r) })
	}), nil
}

func listText(w io.Writer, listed []*rule.Rule) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, r := range listed {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Name, r.Summary)
	}
	return t.Flush()
}

// ruleEntry is one rule in the JSON list.
type ruleEntry struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Category    string       `json:"category"`
	Severity    string       `json:"severity"`
	Stages      []rule.Stage `json:"stages"`
	Summary     string       `json:"summary"`
	Why         string       `json:"why"`
	Fix         string       `json:"fix"`
	Hints       []string     `json:"hints,omitempty"`
	Equivalents []string     `json:"equivalents,omitempty"`
}

func listJSON(w io.Writer, listed []*rule.Rule) error {
	entries := []ruleEntry{}
	for _, r := range listed {
		entries = append(entries, ruleEntry{
			r.ID, r.Name, r.Category, r.Severity.String(), r.Stages, r.Summary, r.Why, r.Fix, r.Hints, r.Equivalents,
		})
	}
	return writer.Encode(w, entries)
}

// code is a code of istioctl or Kiali with the rules that report the same.
type code struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Rules []string `json:"rules,omitempty"`
	// Why says why there is none.
	Why string `json:"why,omitempty"`
}

func codes() []code {
	equal := map[string][]string{}
	for _, r := range rules.Sorted() {
		for _, e := range r.Equivalents {
			equal[e] = append(equal[e], r.ID)
		}
	}
	var out []code
	for _, c := range facts.Codes() {
		one := code{c.ID, c.Name, equal[c.ID], c.WhyNot}
		if c.Until.Known() && len(one.Rules) == 0 {
			one.Why = "istioctl has it up to " + c.Until.String()
		}
		out = append(out, one)
	}
	return out
}

func listEquivalents(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, c := range codes() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Code, c.Name, cmp.Or(strings.Join(c.Rules, ", "), "- "+c.Why))
	}
	return t.Flush()
}

func newRulesShow(s streams) *cobra.Command {
	return &cobra.Command{
		Use:               "show RULE...",
		Aliases:           []string{"explain"},
		Short:             "Explain rules: what they report, why, and what to do",
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name a rule, such as VAL004; `meshctl rules list` prints them all")
			}
			var texts []string
			for _, name := range args {
				text, err := explain(name)
				if err != nil {
					return err
				}
				texts = append(texts, text)
			}
			_, err := io.WriteString(s.out, strings.Join(texts, "\n"))
			return err
		},
	}
}

// explain is the text about one rule.
func explain(name string) (string, error) {
	for _, r := range rules.All() {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return fmt.Sprintf("%s %s (%s)\n\n  %s\n\nWhy: %s\nFix: %s\n", r.ID, r.Name, r.Severity, r.Summary, r.Why, r.Fix), nil
		}
	}
	return "", usagef("no rule %q%s; `meshctl rules list` prints them all", name, similarRule(name))
}

const digits = "0123456789"

// similarRule suggests a rule for a misspelt ID or name, and for a code of
// istioctl or Kiali those that report the same.
func similarRule(name string) string {
	var names, equal, family []string
	for _, r := range rules.Sorted() {
		names = append(names, r.Name)
		if slices.Contains(r.Equivalents, strings.ToUpper(name)) {
			equal = append(equal, r.ID)
		}
		if strings.TrimRight(r.ID, digits) == strings.TrimRight(strings.ToUpper(name), digits) {
			family = append(family, r.ID)
		}
	}
	if len(equal) > 0 {
		return fmt.Sprintf(" (%s reports the same)", strings.Join(equal, ", "))
	}
	meant := cmp.Or(schema.Suggest(strings.ToUpper(name), ids()), schema.Suggest(strings.ToLower(name), names))
	switch {
	case meant == "" && len(family) > 0:
		return fmt.Sprintf(" (there are %s to %s)", family[0], family[len(family)-1])
	case meant == "":
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", meant)
}

func newRulesMarkdown(s streams) *cobra.Command {
	var examples string
	cmd := &cobra.Command{
		Use:   "markdown",
		Short: "Print the catalogue as Markdown",
		Args:  arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			entries, err := catalogue(examples)
			if err != nil {
				return err
			}
			return writer.Catalogue(s.out, entries)
		},
	}
	cmd.Flags().StringVar(&examples, "examples", "", "`FOLDER` with the rules' fixtures, to print the first bad one of each")
	return cmd
}

func catalogue(examples string) ([]writer.CatalogueEntry, error) {
	var out []writer.CatalogueEntry
	for _, r := range rules.Sorted() {
		e := writer.CatalogueEntry{ID: r.ID, Name: r.Name, Category: r.Category, Severity: r.Severity.String(), Summary: r.Summary, Why: r.Why, Fix: r.Fix}
		for _, stage := range r.Stages {
			e.Stages = append(e.Stages, string(stage))
		}
		var err error
		if e.Example, e.Output, err = example(examples, r.ID); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// example returns the file and the output of a rule's fixture "bad". Rules
// without fixtures, or with one that is no text, have none.
func example(root, id string) (text, output string, err error) {
	dir := filepath.Join(root, id, "bad")
	want, err := os.ReadFile(filepath.Join(dir, "want.txt"))
	if root == "" || errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("reading example: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) != 1 {
		return "", "", err
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return "", "", fmt.Errorf("reading example: %w", err)
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || len(data) == 0 {
		return "", "", nil
	}
	return string(data), string(want), nil
}
