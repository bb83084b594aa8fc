package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/writer"
)

// stamped is set by the Makefile with -ldflags; builds without it use what
// the Go toolchain knows.
var stamped string

func version() string {
	if stamped != "" {
		return stamped
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func newVersion(s streams) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of meshctl and of the Istio release it embeds",
		Example: `  meshctl version
  meshctl version -o json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			info := struct {
				Version string `json:"version"`
				Istio   string `json:"istio"`
				Hub     string `json:"hub"`
				Go      string `json:"go"`
			}{version(), facts.EmbeddedRelease, facts.ReleaseHub, runtime.Version()}
			switch output {
			case "json":
				return writer.Encode(s.out, info)
			case "text":
				_, err := fmt.Fprintf(s.out, "meshctl %s\nistio   %s (%s)\ngo      %s\n", info.Version, info.Istio, info.Hub, info.Go)
				return err
			}
			return usagef("unknown output format %q, want text or json", output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT`: text or json")
	return cmd
}
