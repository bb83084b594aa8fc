package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
)

// configFlags name the installation that is wanted.
type configFlags struct {
	files    []string
	sets     []string
	profile  string
	chart    string
	platform string
	revision string
	owner    string
	release  string
}

// given says whether files or flags say what is to be installed.
func (c *configFlags) given() bool {
	return len(c.files)+len(c.sets) > 0 || c.profile != "" || c.chart != ""
}

func (c *configFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&c.files, "filename", "f", nil, "`FILE` with an IstioOperator or Helm values; - is stdin; repeatable, later ones win (default: the default profile)")
	f.StringArrayVar(&c.sets, "set", nil, "`PATH=VALUE` over the files, as istioctl and helm take it; repeatable")
	f.StringVar(&c.profile, "profile", "", "`NAME` of the profile below the files: one of meshctl's (see meshctl profiles list) or of istioctl's")
	f.StringVar(&c.chart, "chart", "", "`CHART` that Helm values are for, where the content does not tell: base, istiod, cni, ztunnel or gateway")
	f.StringVar(&c.platform, "platform", "", "`PLATFORM` of the cluster, where it cannot be detected")
	f.StringVar(&c.revision, "revision", "", "`REVISION` of the control plane; default is the one without a name")
	f.StringVar(&c.release, "release", "", "`NAME` of the Helm release that the values are for (default: the one that is installed, else istio-base, istio-cni, istiod, istiod-REVISION or ztunnel)")
	_ = cmd.RegisterFlagCompletionFunc("profile", completeProfiles)
	_ = cmd.RegisterFlagCompletionFunc("chart", cobra.FixedCompletions(facts.Charts(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("platform", cobra.FixedCompletions(facts.PlatformIDs(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagFilename("filename", "yaml", "yml")
}

// load reads the configuration; without a file it is the default profile.
func (c *configFlags) load(ctx context.Context, s streams) (*snapshot.Snapshot, error) {
	snap, err := files.Merge(c.files, c.sets, s.in, files.Options{Istio: facts.Embedded(), Profile: c.profile, Chart: c.chart, Platform: c.platform, Revision: c.revision, Interrupted: ctx.Err})
	var usage *files.SetError
	if errors.As(err, &usage) {
		return nil, &exitError{exitUsage, err}
	}
	if err != nil || c.release == "" {
		return snap, err
	}
	if len(snap.Configs) != 1 || snap.Configs[0].IsOperator() {
		return nil, usagef("--release names the release of one chart; give the values of one chart")
	}
	snap.Configs[0].ReleaseName = c.release
	return snap, nil
}

// session is one cluster and what is to be installed there.
type session struct {
	client *kube.Client
	snap   *snapshot.Snapshot
	// asIs says that the session looks at what was installed and changes
	// nothing: a default tag that was moved away is no fault.
	asIs bool
	// unread says why other installations beside this one are not looked at.
	unread error
}

// warmUp begins with what every look at a cluster needs, while the files are
// checked, and returns memory that nobody uses: as long as it is kept, the
// garbage collector waits for twice as much before it runs. A command lives for
// a second and would spend a third of its time there.
func warmUp() []byte {
	go charts.ParseCRDs()
	return make([]byte, 16<<20)
}

// contactTimeout bounds the first request unless --request-timeout does: an
// API server that does not answer it will not answer the next hundred either.
const contactTimeout = 5 * time.Second

// connect finds out which cluster this is. An unreachable one is an error in
// seconds, with a sentence.
func connect(ctx context.Context, flags *kube.Flags, snap *snapshot.Snapshot) (*session, error) {
	client, err := flags.Connect()
	if err != nil {
		return nil, err
	}
	snap.Target.Context = flags.Context()
	contact, cancel := context.WithTimeout(ctx, cmp.Or(flags.RequestTimeout(), contactTimeout))
	defer cancel()
	if snap.Target.Kubernetes, err = client.Version(contact); err != nil {
		return nil, err
	}
	snap.Provide(snapshot.ServerVersion)
	if err := cluster.Identify(ctx, client, snap); err != nil {
		return nil, err
	}
	for _, c := range snap.Configs {
		c.ReleaseNamespace = cmp.Or(c.ReleaseNamespace, flags.Namespace())
	}
	return &session{client: client, snap: snap}, nil
}

// render fills in the objects that the configuration means on this cluster.
// What Istio's renderer refuses is the configuration's fault, so the exit
// code is that of findings.
func (s *session) render(ctx context.Context) error {
	s.snap.Rendered = nil // what was rendered for validation is not for this cluster
	if err := s.nameReleases(ctx); err != nil {
		return err
	}
	for _, c := range s.snap.Configs {
		if c.Chart == "gateway" && c.ReleaseName == "" && c.Root.Str("name") == "" {
			return usagef("the values of chart gateway do not name their release; add --release NAME, and --namespace")
		}
		options := rendered.Options{Kubernetes: s.snap.Target.Kubernetes}
		if c.IsOperator() {
			elsewhere, byHand, err := cluster.DefaultTag(ctx, s.client, cmp.Or(c.Revision(), snapshot.DefaultRevision))
			if err != nil {
				return err
			}
			options.DefaultTagElsewhere, options.DefaultTagByHand = elsewhere, byHand || elsewhere && s.asIs
		}
		manifests, err := rendered.Render(c, options)
		if err != nil {
			return &exitError{exitFindings, err}
		}
		if !c.IsOperator() && c.Wrapper == nil {
			if err := helm.New(s.client).Stamp(ctx, c, s.snap.Target.Kubernetes, manifests); err != nil {
				return &exitError{exitFindings, err}
			}
		}
		s.add(manifests)
	}
	s.snap.Provide(snapshot.Rendered)
	return nil
}

// add keeps what was rendered. Charts of one namespace bring it once.
func (s *session) add(manifests []snapshot.Manifest) {
	for _, m := range manifests {
		known := func(have snapshot.Manifest) bool { return snapshot.KeyOf(have.Object) == snapshot.KeyOf(m.Object) }
		if m.Object.GetKind() != "Namespace" || !slices.ContainsFunc(s.snap.Rendered, known) {
			s.snap.Rendered = append(s.snap.Rendered, m)
		}
	}
}
