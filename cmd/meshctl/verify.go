package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/rule"
)

func newVerify(s streams) *cobra.Command {
	var cfg configFlags
	var out outputFlags
	flags := kube.NewFlags()
	var timeout time.Duration
	var wait bool
	cmd := &cobra.Command{
		Use:   "verify [-f FILE]... [--set PATH=VALUE]...",
		Short: "Check that an installation is there, healthy and doing its work",
		Long: `verify renders what the files mean and compares it with the cluster: every
object, its readiness, its images, the webhooks and the mesh config. Then it
probes: an invalid VirtualService must be refused by istiod, and a plain pod
must come back with the sidecar. Both are sent as server-side dry runs, so
nothing is written. It asks every istiod, through the API server, which mesh
config it works with, which proxies refused what it sent, and what it counts.

With --wait it asks again until nothing is wrong. At the deadline, or when it is
interrupted, it prints the last state, which decides the exit code.

What istiod writes itself, caBundle and failurePolicy, is no difference.

Without -f, --set and --profile it verifies what is installed: what install
recorded, or what can be read back from the cluster; of several installations
all, unless --revision, --name or --namespace choose one.`,
		Example: `  meshctl verify
  meshctl verify -f istio.yaml
  meshctl verify -f istio.yaml -o json
  meshctl verify --wait --timeout 2m`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if wait && !cmd.Flags().Changed("timeout") {
				timeout = waitTimeout
			}
			return look(cmd.Context(), s, &cfg, &out, flags, timeout, rule.Verify, wait)
		},
	}
	cfg.add(cmd)
	cfg.addOwner(cmd)
	out.add(cmd)
	flags.AddFlags(cmd.Flags())
	addTimeout(cmd, &timeout, time.Minute)
	cmd.Flags().BoolVar(&wait, "wait", false, "ask again until nothing is wrong or --timeout is over, by default 5 minutes, and print the last state")
	return cmd
}

// waitTimeout is how long --wait takes at most, unless --timeout says it.
const waitTimeout = 5 * time.Minute
