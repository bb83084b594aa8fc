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
	cmd := &cobra.Command{
		Use:   "verify [-f FILE]... [--set PATH=VALUE]...",
		Short: "Check that an installation is there, healthy and doing its work",
		Long: `verify renders what the files mean and compares it with the cluster: every
object, its readiness, its images, the webhooks and the mesh config. Then it
probes: an invalid VirtualService must be refused by istiod, and a plain pod
must come back with the sidecar. Both are sent as server-side dry runs, so
nothing is written.

What istiod writes itself, caBundle and failurePolicy, is no difference.

Without -f, --set and --profile it verifies what is installed: what install
recorded, or what can be read back from the cluster; of several installations
all, unless --revision, --name or --namespace choose one.`,
		Example: `  meshctl verify
  meshctl verify -f istio.yaml
  meshctl verify -f istio.yaml -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return look(cmd.Context(), s, &cfg, &out, flags, timeout, rule.Verify)
		},
	}
	cfg.add(cmd)
	cfg.addOwner(cmd)
	out.add(cmd)
	flags.AddFlags(cmd.Flags())
	addTimeout(cmd, &timeout, time.Minute)
	return cmd
}
