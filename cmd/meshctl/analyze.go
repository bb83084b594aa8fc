package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/writer"
)

// analyzing is one run of the command.
type analyzing struct {
	streams
	out   outputFlags
	flags *kube.Flags

	istio, kubernetes string
	complete, live    bool
	watching          bool
	timeout           time.Duration
	cache             *files.Cache // while watching
}

func newAnalyze(s streams) *cobra.Command {
	a := &analyzing{streams: s, flags: kube.NewFlags()}
	cmd := &cobra.Command{
		Use:   "analyze [FILE|DIR|-]... [--live]",
		Short: "Check the configuration of a mesh: routes, policies, services and workloads",
		Long: `analyze looks at what the mesh is told, all of it together: Istio's objects and
those of the Gateway API, Services, workloads and namespaces. It finds what each
object alone does not show, such as hosts that two ServiceEntries claim.

Files may hold objects of any kind and version, and lists of them. IstioOperator
files, Helm values and the mesh ConfigMap among them tell what the mesh config is;
without one Istio's defaults are assumed.

Files are taken for a part of the mesh: that a host is not among them means
nothing. --complete says that they are all there is.

--live looks at the objects of the cluster. With files, these are laid over the
cluster's, and the report has what applying them would change: new findings, and
as notes those that would be gone.

--context may name several clusters, with commas between them or by patterns with
* and ?. Each is judged by itself, its findings have its name, and then they are
compared: services, identities, trust, networks. Only those are that a remote
secret, the mesh ID or a common control plane shows to be one mesh. One that cannot be read is reported,
and the others are judged all the same; the exit code is then 3, or 1 if something
was found in the others. --timeout counts for each.

--watch analyzes files again whenever one changes. With -o json each report is a
document of its own on standard output.`,
		Example: `  # everything below a folder
  meshctl analyze mesh/

  # all that there is, as an export of a cluster
  meshctl analyze export.yaml --complete

  # the cluster, and what a change would do to it
  meshctl analyze --live
  meshctl analyze --live change.yaml

  # several clusters, and what they are to one another
  meshctl analyze --live --context 'prod-*,staging'

  # beside an editor
  meshctl analyze --watch mesh/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(a.out.check(), a.out.protect(args...)); err != nil {
				return err
			}
			if cmd.Flags().Changed("context") && !a.live {
				return usagef("--context is about a cluster: give --live too")
			}
			if a.watching {
				return a.watch(cmd.Context(), args)
			}
			rep, err := a.run(cmd.Context(), args)
			if err != nil {
				return a.out.failure(s, string(rule.Analyze), err)
			}
			return lacking(a.out.finish(s, rep, writer.Text), unfinished(rep))
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.istio, "istio-version", facts.EmbeddedRelease, "Istio `VERSION` that runs the mesh, 1.18 to 1.31")
	f.StringVar(&a.kubernetes, "kubernetes-version", "", "Kubernetes `VERSION` of the cluster")
	f.BoolVar(&a.complete, "complete", false, "the files hold the whole mesh, so that what is not there is missing")
	f.BoolVar(&a.live, "live", false, "look at the cluster; files are laid over what it has")
	f.BoolVar(&a.watching, "watch", false, "analyze the files again whenever one changes, until interrupted")
	addTimeout(cmd, &a.timeout, time.Minute)
	a.flags.AddFlags(f)
	a.out.add(cmd)
	_ = cmd.RegisterFlagCompletionFunc("context", a.completeContexts)
	return cmd
}

// run reads the files, the cluster or both and judges them.
func (a *analyzing) run(ctx context.Context, args []string) (*report.Report, error) {
	if len(args) == 0 && !a.live {
		return nil, usagef("nothing to analyze: give a file, a folder or - for standard input, or --live for the cluster")
	}
	if a.live && a.complete {
		return nil, usagef("--complete is about files alone; a cluster is always whole")
	}
	istio, err := targetVersions(a.istio, a.kubernetes)
	if err != nil {
		return nil, err
	}
	var given *snapshot.Snapshot
	if len(args) > 0 {
		o := files.Options{Istio: istio, Kubernetes: a.kubernetes, Whole: a.complete, Interrupted: ctx.Err, Cache: a.cache}
		if given, err = files.LoadObjects(args, a.in, a.flags.Namespace(), o); err != nil {
			return nil, err
		}
		if blank(given) {
			return nil, fmt.Errorf("nothing to analyze in %s: no object of a kind that analyze looks at, and no installation", strings.Join(args, ", "))
		}
	}
	if !a.live {
		return a.judge(ctx, rule.Analyze, given)
	}
	contexts, err := a.severalContexts()
	if err != nil {
		return nil, err
	}
	if len(contexts) > 1 {
		f := &fleet{analyzing: a, istio: istio, contexts: contexts, given: given}
		return f.run(ctx)
	}
	return a.cluster(ctx, istio, given)
}

// cluster judges what runs, and with files what they would make of it.
func (a *analyzing) cluster(ctx context.Context, istio facts.Minor, given *snapshot.Snapshot) (*report.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	snap, err := a.read(ctx, a.flags, istio, rule.Analyze)
	if err != nil {
		return nil, err
	}
	before, err := a.judge(ctx, rule.Analyze, snap)
	if err != nil || given == nil {
		return before, err
	}
	given.Overlay(snap)
	after, err := a.judge(ctx, rule.Analyze, given)
	if err != nil {
		return nil, err
	}
	return report.Change(before, after), nil
}

// hanging is how long a read may go on after its deadline, to say itself what
// it waited for.
const hanging = time.Second

// read reads what the rules of stages need to see of one cluster. A credential
// plugin that hangs knows no deadline: the read is left to itself then, and has
// nothing in common with what goes on.
func (a *analyzing) read(ctx context.Context, flags *kube.Flags, istio facts.Minor, stages ...rule.Stage) (*snapshot.Snapshot, error) {
	var parts []snapshot.Part
	for _, stage := range stages {
		opts, err := a.out.engineOptions(stage, nil)
		if err != nil {
			return nil, err
		}
		parts = append(parts, engine.Parts(rules.All(), opts)...)
	}
	snap, done := &snapshot.Snapshot{Now: time.Now(), Target: snapshot.Target{Istio: istio}}, make(chan error, 1)
	go func() { done <- readAll(ctx, flags, snap, parts) }()
	select {
	case err := <-done:
		return snap, err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return snap, err
	case <-time.After(hanging):
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("analyzing: %w", ctx.Err())
	}
	return nil, fmt.Errorf("no answer in %s; see whether the credential plugin of the kubeconfig waits for something", a.timeout)
}

func readAll(ctx context.Context, flags *kube.Flags, snap *snapshot.Snapshot, parts []snapshot.Part) error {
	session, err := connect(ctx, flags, snap)
	if err != nil {
		return err
	}
	if err := cluster.ReadMesh(ctx, session.client, snap, parts); err != nil {
		return err
	}
	return unreadable(snap, parts)
}

// unreadable says that none of the lists that were wanted could be read: a
// report of nothing is none of a mesh in order. Kinds that a cluster need not
// have do not count.
func unreadable(snap *snapshot.Snapshot, wanted []snapshot.Part) error {
	var failure error
	for _, k := range snapshot.ObjectKinds() {
		if k.Custom || !slices.Contains(wanted, k.Part) {
			continue
		}
		ok, why := snap.Has(k.Part)
		if ok {
			return nil
		}
		failure = cmp.Or(failure, fmt.Errorf("nothing of the cluster could be read: %s; get the right to list its objects", why))
	}
	return failure
}

func (a *analyzing) judge(ctx context.Context, stage rule.Stage, snap *snapshot.Snapshot) (*report.Report, error) {
	opts, err := a.out.engineOptions(stage, snap)
	if err != nil {
		return nil, err
	}
	opts.Interrupted = ctx.Err
	rep := a.out.examine(snap, rules.All(), opts)
	if len(snap.Files) > 0 {
		rep.Files.Objects = snap.Objects.Count()
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("analyzing: %w", err)
	}
	return rep, nil
}

// completeContexts offers the contexts of the kubeconfig, also behind a comma.
func (a *analyzing) completeContexts(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	contexts, err := a.flags.Contexts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []cobra.Completion
	for _, c := range contexts {
		out = append(out, before+c.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// blank says whether files hold nothing to look at, and nothing that is wrong
// with them either: an export that failed must not pass as a mesh in order.
func blank(s *snapshot.Snapshot) bool {
	return len(s.Origins)+len(s.Configs)+len(s.Malformed) == 0 && !slices.ContainsFunc(s.Documents, func(d *document.Document) bool {
		return len(d.Problems) > 0 || d.Root.Str("apiVersion") != "" || d.Root.Str("kind") != ""
	})
}
