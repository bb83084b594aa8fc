// Command meshctl-sandbox is a whole Kubernetes control plane in one process.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/supervisor"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 stopped as asked, 1 broke down, 2 wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] != "serve" {
		fmt.Fprintln(stderr, "usage: meshctl-sandbox serve --dir DIR [flags]")
		return 2
	}
	opts, err := parseServe(args[1:], stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if err := supervisor.Serve(opts, stdout); err != nil {
		fmt.Fprintln(stderr, "meshctl-sandbox:", err)
		return 1
	}
	return 0
}

func parseServe(args []string, stderr io.Writer) (supervisor.Options, error) {
	var opts supervisor.Options
	flags := flag.NewFlagSet("meshctl-sandbox serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.Dir, "dir", "", "private directory; must be empty or missing, removed in the end")
	flags.IntVar(&opts.Nodes, "nodes", 3, "number of worker nodes")
	flags.BoolVar(&opts.Istiod, "istiod", true, "run a real istiod for each istiod pod")
	flags.BoolVar(&opts.Audit, "audit", true, "write DIR/audit.log")
	flags.BoolVar(&opts.WatchStdin, "watch-stdin", false, "stop when standard input ends")
	flags.BoolVar(&opts.KeepDir, "keep-dir", false, "leave DIR behind")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if opts.Dir == "" || flags.NArg() > 0 || opts.Nodes < 0 {
		err := errors.New("--dir is required, --nodes is not negative, and there are no other arguments")
		fmt.Fprintln(stderr, "meshctl-sandbox serve:", err)
		return opts, err
	}
	return opts, nil
}
