package main

import (
	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/report"
)

func newSchema(s streams) *cobra.Command {
	return &cobra.Command{
		Use:       "schema report",
		Short:     "Print the JSON Schema of what meshctl prints",
		Example:   `  meshctl schema report > meshctl-report.schema.json`,
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"report"},
		RunE: func(*cobra.Command, []string) error {
			_, err := s.out.Write(report.Schema())
			return err
		},
	}
}
