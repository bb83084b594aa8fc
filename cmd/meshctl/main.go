// Command meshctl checks Istio installations before and after they happen.
package main

import (
	"context"
	"io"
	stdlog "log"
	"os"
	"os/signal"
	"syscall"

	"istio.io/istio/pkg/log"
)

func main() {
	quietLibraries()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the run in order, a second one at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
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
