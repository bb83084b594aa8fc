// Command meshctl checks Istio installations before and after they happen.
package main

import (
	"context"
	"io"
	stdlog "log"
	"os"

	"istio.io/istio/pkg/log"
)

func main() {
	quietLibraries()
	ctx := interruptible(context.Background(), os.Stderr, os.Exit)
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// quietLibraries sends what Istio's packages log to standard error, and only
// their errors: standard output belongs to the report.
func quietLibraries() {
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	options.SetDefaultOutputLevel(log.OverrideScopeName, log.ErrorLevel)
	// Helm says there what the rules say with a place.
	stdlog.SetOutput(io.Discard)
	// It fails for unknown paths and levels only; these are constants.
	_ = log.Configure(options)
}
