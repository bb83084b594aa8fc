package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/kube"
)

func newInstall(s streams) *cobra.Command {
	f := &flow{command: "install", streams: s, flags: kube.NewFlags(), out: outputFlags{events: true}}
	cmd := &cobra.Command{
		Use:   "install [-f FILE]... [--set PATH=VALUE]...",
		Short: "Validate, precheck, plan, apply, wait and verify an installation",
		Long: `install validates the files, prechecks the cluster for exactly what they would
install, shows a plan and asks. Then it applies component by component with
server-side apply, waits for each, and verifies the result.

It stops before anything is applied when validate or precheck find an error;
--force goes on and says what it overrides. Objects carry the labels and the
field manager that istioctl uses, so istioctl upgrade and istioctl uninstall
work on the result.

Values of Istio's charts become Helm releases, as helm upgrade --install makes
them, from the charts of the release: base, cni, istiod, ztunnel, gateway, each
waited for before the next. helm list shows them and helm upgrade continues from
them.

One installation at a time works in a namespace: it holds the Lease
meshctl-install there. A run that was killed is followed by the next one within
15 seconds. With --atomic everything is put back as it was before when anything
fails, verify included: objects that were created are deleted, changed and
deleted ones restored, with the managers of their fields.

Without -f, --set and --profile it installs once more what is installed, from
what was recorded; where nothing is, the default profile.`,
		Example: `  meshctl install
  meshctl install -f istio.yaml --context prod-eu
  meshctl install --profile gke -f istio.yaml
  meshctl install -f istio.yaml --set values.pilot.autoscaleMin=2 -y
  meshctl install -f values-base.yaml -f values-istiod.yaml
  meshctl install -f values-gateway.yaml --release istio-ingress -n istio-ingress`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	f.cfg.add(cmd)
	f.cfg.addOwner(cmd)
	f.out.add(cmd)
	f.flags.AddFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask before applying")
	cmd.Flags().BoolVar(&f.force, "force", false, "go on in spite of errors of validate and precheck")
	cmd.Flags().BoolVar(&f.takeOwnership, "take-ownership", false, "take fields that other managers have set to other values, such as helm or kubectl")
	cmd.Flags().BoolVar(&f.atomic, "atomic", false, "put everything back as it was before if anything fails, or on Ctrl-C")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "wait at most this `DURATION` for each component to be ready")
	return cmd
}
