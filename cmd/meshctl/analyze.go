package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/writer"
)

// analyzing is one run of the command.
type analyzing struct {
	streams
	out outputFlags

	istio, kubernetes, namespace string
	complete                     bool
}

func newAnalyze(s streams) *cobra.Command {
	a := &analyzing{streams: s}
	cmd := &cobra.Command{
		Use:   "analyze [FILE|DIR|-]...",
		Short: "Check the configuration of a mesh: routes, policies, services and workloads",
		Long: `analyze looks at what the mesh is told, all of it together: Istio's objects and
those of the Gateway API, Services, workloads and namespaces. It finds what each
object alone does not show, such as hosts that two ServiceEntries claim.

Files may hold objects of any kind and version, and lists of them. IstioOperator
files, Helm values and the mesh ConfigMap among them tell what the mesh config is;
without one Istio's defaults are assumed.

Files are taken for a part of the mesh: that a host is not among them means
nothing. --complete says that they are all there is.`,
		Example: `  # everything below a folder
  meshctl analyze mesh/

  # all that there is, as an export of a cluster
  meshctl analyze export.yaml --complete`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(a.out.check(), a.out.protect(args...)); err != nil {
				return err
			}
			rep, err := a.run(cmd.Context(), args)
			if err != nil {
				return a.out.failure(s, string(rule.Analyze), err)
			}
			return a.out.finish(s, rep, writer.Text)
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.istio, "istio-version", facts.EmbeddedRelease, "Istio `VERSION` that runs the mesh, 1.18 to 1.31")
	f.StringVar(&a.kubernetes, "kubernetes-version", "", "Kubernetes `VERSION` of the cluster")
	f.StringVarP(&a.namespace, "namespace", "n", "", "`NAMESPACE` of objects in files that name none (default \"default\")")
	f.BoolVar(&a.complete, "complete", false, "the files hold the whole mesh, so that what is not there is missing")
	a.out.add(cmd)
	return cmd
}

// run reads the files and judges them.
func (a *analyzing) run(ctx context.Context, args []string) (*report.Report, error) {
	if len(args) == 0 {
		return nil, usagef("nothing to analyze: give a file, a folder or - for standard input")
	}
	istio, err := facts.ParseMinor(a.istio)
	if err != nil {
		return nil, usagef("--istio-version: %w", err)
	}
	o := files.Options{Istio: istio, Kubernetes: a.kubernetes, Whole: a.complete, Interrupted: ctx.Err}
	snap, err := files.LoadObjects(args, a.in, a.namespace, o)
	if err != nil {
		return nil, err
	}
	return a.judge(ctx, snap)
}

func (a *analyzing) judge(ctx context.Context, snap *snapshot.Snapshot) (*report.Report, error) {
	opts, err := a.out.engineOptions(rule.Analyze, snap)
	if err != nil {
		return nil, err
	}
	opts.Interrupted = ctx.Err
	rep := a.out.examine(snap, rules.All(), opts)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("analyzing: %w", err)
	}
	return rep, nil
}
