// Command meshctl-sandbox runs a throwaway Kubernetes cluster out of a few local
// processes: no container engine, no image, no address but 127.0.0.1.
//
//	meshctl-sandbox serve --dir DIR [--nodes N] [--istiod=false] [--audit=false] [--watch-stdin] [--keep-dir]
//
// One process holds etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler and KWOK, which plays nodes and pods. Each pod with the label
// app=istiod gets a process of its own: the real istiod, from the binary
// meshctl-sandbox-istiod, which lies next to this one. The API server reaches it
// for webhooks and for the proxy subresources through a CONNECT proxy.
//
// Everything lives in DIR, which is removed in the end: kubeconfig, audit.log,
// logs/*.log, state.json. Standard output carries events, one JSON object a
// line; package pkg/sandbox of the root module reads both.
//
// # Stopping
//
// SIGINT, SIGTERM, SIGHUP or, with --watch-stdin, the end of standard input stop
// the parts in reverse order; a second signal ends the process at once. An
// istiod ends when its standard input, a pipe from this process, does, and on
// Linux the kernel kills it when this process dies. The lock on DIR/lock is held
// as long as this process lives and tells others whether DIR is in use.
//
// # Figures
//
// Measured on two cores, after the default profile of Istio 1.31 was installed:
// ready after 2.3 to 2.8 s, stopped after 1.2 s, 500 MB resident for this
// process (360 MB of it not backed by the binary's file) and 130 MB for each
// istiod. Setting GOGC=50 saves 60 MB and costs 2 s of processor time, so
// nothing is tuned by default. The same parts as processes of their own, with
// one istiod, held 870 MB. An istiod out of this binary instead of its own
// would hold 48 MB more, because all of Kubernetes initialises with it.
//
// # Limits
//
// Images are never pulled, containers other than istiod never run, there are no
// kubelets (no logs, exec or port-forward), no metrics API, no DNS and no data
// plane: no traffic flows.
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
		fmt.Fprintln(stderr, "usage: meshctl-sandbox serve --dir DIR [flags]; -h lists them")
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
