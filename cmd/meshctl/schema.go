package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/config"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/schema"
)

// schemaFlags choose the JSON Schema of a kind of file.
type schemaFlags struct{ chart, istio string }

func newSchema(s streams) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "schema iop|values|report|plan|events|config",
		Short: "Print a JSON Schema: of installation files for editors, of reports, or of .meshctl.yaml",
		Long: `schema prints the JSON Schema (draft-07) of an IstioOperator file, of the
values of one Helm chart, of what meshctl prints with -o json (report, plan), of
a line of install -o events, or of its configuration file. Editors complete, describe and check files with it.`,
		Example: `  # for VS Code and every editor with yaml-language-server: write it once ...
  meshctl schema iop > istio-operator.schema.json
  meshctl schema values --chart istiod --istio-version 1.30 > istiod.schema.json

  # ... and name it in the first line of a file
  #   # yaml-language-server: $schema=istio-operator.schema.json

  # ... or in VS Code's settings.json
  #   "yaml.schemas": {"./istio-operator.schema.json": ["istio/*.yaml"],
  #                    "./istiod.schema.json": ["values-istiod*.yaml"]}

  # of the reports
  meshctl schema report > meshctl-report.schema.json`,
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"iop", "values", "report", "plan", "events", "config"},
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := flags.schema(args[0])
			if err != nil {
				return err
			}
			if _, err := s.out.Write(data); err != nil {
				return fmt.Errorf("writing schema: %w", err)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.chart, "chart", "", "`CHART` whose values to describe: base, istiod, cni, ztunnel or gateway")
	f.StringVar(&flags.istio, "istio-version", facts.EmbeddedRelease, "Istio `VERSION` to describe, 1.18 to 1.31")
	_ = cmd.RegisterFlagCompletionFunc("chart", cobra.FixedCompletions(facts.Charts(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("istio-version", cobra.FixedCompletions(istioMinors(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *schemaFlags) schema(of string) ([]byte, error) {
	switch of {
	case "report":
		return report.Schema(), nil
	case "plan":
		return report.PlanSchema(), nil
	case "events":
		return report.EventsSchema(), nil
	case "config":
		return config.Schema(), nil
	}
	istio, err := facts.ParseMinor(f.istio)
	if err != nil {
		return nil, usagef("--istio-version: %w", err)
	}
	if _, known := facts.ReleaseOf(istio); !known {
		return nil, usagef("--istio-version: %q is not known, want one of %s", f.istio, strings.Join(istioMinors(), ", "))
	}
	switch {
	case of == "iop" && f.chart != "":
		return nil, usagef("--chart is for schema values")
	case of == "iop":
		return schema.JSONSchema(facts.Spec, istio)
	case !slices.Contains(facts.Charts(), f.chart):
		return nil, usagef("schema values needs --chart, one of %s", strings.Join(facts.Charts(), ", "))
	}
	return schema.JSONSchema(facts.Chart(f.chart), istio)
}
