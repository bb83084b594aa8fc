package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/fix"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/charts"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
	"github.com/meshctl/meshctl/pkg/writer"
)

// validateFlags choose a configuration and what it is checked for.
type validateFlags struct {
	configFlags
	istio, from, kubernetes string
	render, alone           bool
	manifests               []string
	memory                  *rendered.Memory // of --fix, which checks nearly the same files again and again
}

func (v *validateFlags) add(cmd *cobra.Command) {
	v.configFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&v.istio, "istio-version", facts.EmbeddedRelease, "Istio `VERSION` to check for, 1.18 to 1.31")
	f.StringVar(&v.from, "from-version", "", "Istio `VERSION` that runs today, or none, for the upgrade checks")
	f.StringVar(&v.kubernetes, "kubernetes-version", "", "Kubernetes `VERSION` of the cluster, for the version checks")
	f.BoolVar(&v.render, "render", true, "render the charts and check the objects too; --render=false is faster")
	f.StringArrayVar(&v.manifests, "manifests", nil, "render with the charts at `PLACE` instead of the bundled ones: a folder, a package, oci:// or https://; repeatable")
	f.BoolVar(&v.alone, "ignore-others", false, "leave files of other kinds alone, as in folders; for hooks that name every changed file")
	_ = cmd.RegisterFlagCompletionFunc("from-version", cobra.FixedCompletions(append(istioMinors(), facts.NothingRuns), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("istio-version", cobra.FixedCompletions(istioMinors(), cobra.ShellCompDirectiveNoFileComp))
}

func istioMinors() []string {
	var out []string
	for _, r := range facts.Releases() {
		out = append(out, r.Istio.String())
	}
	return out
}

// options checks the flags.
func (v *validateFlags) options() (files.Options, error) {
	o := files.Options{Profile: v.profile, Chart: v.chart, Kubernetes: v.kubernetes, Platform: v.platform, IgnoreOthers: v.alone}
	if o.Platform == "" {
		o.Platform = profilePlatform(v.profile)
	}
	var err error
	if o.Istio, err = targetVersions(v.istio, v.kubernetes); err != nil {
		return o, err
	}
	o.From, err = v.running()
	return o, err
}

// targetVersions checks the versions to judge for, of which that of Kubernetes
// may be left open.
func targetVersions(istio, kubernetes string) (facts.Minor, error) {
	minor, err := facts.ParseMinor(istio)
	if err != nil {
		return minor, usagef("--istio-version: %w", err)
	}
	if _, known := facts.ReleaseOf(minor); !known {
		return minor, usagef("--istio-version: %q is not known, want one of %s", istio, strings.Join(istioMinors(), ", "))
	}
	if kubernetes != "" {
		if _, err := facts.ParseMinor(kubernetes); err != nil {
			return minor, usagef("--kubernetes-version: %q is no version of Kubernetes, want for example 1.34", kubernetes)
		}
	}
	return minor, nil
}

// asked are the rules to be run. Those about an upgrade are asked for by
// --from-version, or by name; most runs are about none, so there they are not
// listed as skipped.
func (v *validateFlags) asked(o *outputFlags) []*rule.Rule {
	if v.from != "" || len(o.selected) > 0 {
		return rules.All()
	}
	return slices.DeleteFunc(rules.All(), func(r *rule.Rule) bool { return slices.Contains(r.Needs, snapshot.Running) })
}

// running checks the version that runs today.
func (v *validateFlags) running() (string, error) {
	if v.from == "" || v.from == facts.NothingRuns {
		return v.from, nil
	}
	minor, err := facts.ParseMinor(v.from)
	if err != nil {
		return "", usagef("--from-version: %w; or none", err)
	}
	if _, known := facts.ReleaseOf(minor); !known {
		return "", usagef("--from-version: %q is not known, want none or one of %s", v.from, strings.Join(istioMinors(), ", "))
	}
	return v.from, nil
}

// read loads the arguments each on its own, or what -f and --set name merged.
// Texts, if any, are read from and kept as files.Options says.
func (v *validateFlags) read(ctx context.Context, s streams, args []string, texts fix.Texts) (*snapshot.Snapshot, error) {
	o, err := v.options()
	if err != nil {
		return nil, err
	}
	o.Interrupted, o.Texts = ctx.Err, texts
	merging := len(v.files)+len(v.sets) > 0 || v.profile != ""
	var snap *snapshot.Snapshot
	switch {
	case len(args) > 0 && merging:
		return nil, usagef("give files either as arguments, each checked on its own, or with -f, --set and --profile, merged; not both")
	case merging:
		snap, err = files.Merge(v.files, v.sets, s.in, o)
	case len(args) > 0:
		snap, err = files.Load(args, s.in, o)
	default:
		return nil, usagef("nothing to validate: give a file, a folder, - for standard input, -f FILE or --profile NAME")
	}
	var usage *files.SetError
	if errors.As(err, &usage) {
		return nil, &exitError{exitUsage, err}
	}
	return snap, err
}

// judge renders the configurations, unless that is switched off, and runs the
// rules.
func (v *validateFlags) judge(ctx context.Context, snap *snapshot.Snapshot, o *outputFlags) (*report.Report, error) {
	opts, err := o.engineOptions(rule.Validate, snap)
	if err != nil {
		return nil, err
	}
	if !v.render {
		opts.Off = map[snapshot.Part]string{snapshot.Rendered: "rendering is switched off by --render=false"}
	} else if err := v.rendered(ctx, snap); err != nil {
		return nil, err
	}
	opts.Interrupted = ctx.Err
	rep := o.examine(snap, v.asked(o), opts)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("checking: %w", err)
	}
	return rep, nil
}

// rendered renders with the bundled charts, or with those of --manifests.
func (v *validateFlags) rendered(ctx context.Context, snap *snapshot.Snapshot) error {
	o := rendered.CheckOptions{Kubernetes: v.kubernetes, Memory: v.memory}
	if len(v.manifests) > 0 {
		var err error
		if o.Charts, err = (charts.Reader{}).Load(ctx, v.manifests); err != nil {
			return err
		}
	}
	return rendered.CheckWith(ctx, snap, o)
}

func newValidate(s streams) *cobra.Command {
	var flags validateFlags
	var output outputFlags
	var fixing fixFlags
	cmd := &cobra.Command{
		Use:   "validate [FILE|DIR|-]... | -f FILE... [--set PATH=VALUE]...",
		Short: "Check IstioOperator and Helm values files; needs no cluster",
		Long: `validate checks installation files against the target version of Istio:
unknown, removed and deprecated fields, wrong types, names that do not exist,
images, and settings that a platform needs. It renders the charts as an
installation would and checks the objects that come out.

FILE and DIR arguments are checked each on its own. With -f and --set the
files are merged first, as install does it. Files of other kinds are counted,
not judged.

--fix changes the files for every finding that has exactly one safe answer,
and nothing else of them: comments, order, quotes and line ends stay. The
report and the exit code are about what is left. A fix after which the finding
is still there, or a new error, is not made and named on standard error. With
- the fixed text is printed, and the report goes to standard error.

--diff prints what --fix would do and changes nothing. The exit code is that
of the files as they are.`,
		Example: `  # every installation file below a folder
  meshctl validate deploy/

  # exactly what install would install
  meshctl validate -f base.yaml -f production.yaml --set values.global.variant=distroless

  # one's own settings over a ready profile
  meshctl validate --profile eks -f mine.yaml

  # Helm values, for an upgrade to come
  meshctl validate values-istiod.yaml --chart istiod --istio-version 1.30

  # see what can be fixed, then fix it
  meshctl validate deploy/ --diff
  meshctl validate deploy/ --fix

  # for an upgrade, with every default that has changed on the way
  meshctl validate iop.yaml --from-version 1.30

  # for a platform, as JSON for a pipeline
  meshctl validate iop.yaml --platform openshift --kubernetes-version 1.34 -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(output.check(), fixing.check(), output.protect(append(args, flags.files...)...)); err != nil {
				return err
			}
			flags.inherit(output.policy)
			if fixing.asked() {
				flags.memory = &rendered.Memory{}
				read := func(texts fix.Texts) (*snapshot.Snapshot, error) { return flags.read(cmd.Context(), s, args, texts) }
				judge := func(snap *snapshot.Snapshot) (*report.Report, error) {
					return flags.judge(cmd.Context(), snap, &output)
				}
				return (&repair{fixing, &output, s, read, judge}).run(cmd.Context())
			}
			snap, err := flags.read(cmd.Context(), s, args, nil)
			if err != nil {
				return output.failure(s, string(rule.Validate), err)
			}
			r, err := flags.judge(cmd.Context(), snap, &output)
			if err != nil {
				return output.failure(s, string(rule.Validate), err)
			}
			return output.finish(s, r, writer.Text)
		},
	}
	flags.add(cmd)
	output.add(cmd)
	fixing.add(cmd)
	return cmd
}
