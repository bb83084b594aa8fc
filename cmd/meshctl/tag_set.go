package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/rendered"
	"github.com/meshctl/meshctl/pkg/writer"
)

// tagChange is one change of a tag.
type tagChange struct {
	streams
	flags           *kube.Flags
	name, revision  string
	everywhere      bool
	dry, yes, force bool
}

func (t *tagChange) add(cmd *cobra.Command) {
	t.flags.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&t.dry, "dry-run", false, "show what would change, and change nothing")
	cmd.Flags().BoolVarP(&t.yes, "yes", "y", false, "do not ask")
}

func newTagSet(s streams) *cobra.Command {
	t := &tagChange{streams: s, flags: kube.NewFlags()}
	cmd := &cobra.Command{
		Use:   "set NAME --revision REVISION",
		Short: "Make a tag, or move it to another revision",
		Example: `  meshctl tag set prod --revision 1-31
  meshctl tag set default --revision canary --dry-run`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.name = args[0]
			if bad := validation.IsDNS1123Label(t.name); len(bad) > 0 {
				return usagef("%q is no name for a tag: %s", t.name, bad[0])
			}
			if t.revision == "" {
				return usagef("--revision says which control plane the tag stands for; default is the one without a name")
			}
			return t.set(cmd.Context())
		},
	}
	t.add(cmd)
	cmd.Flags().StringVar(&t.revision, "revision", "", "`REVISION` that the tag stands for")
	cmd.Flags().BoolVar(&t.everywhere, "auto-inject-namespaces", false, "with tag default: inject namespaces without a label too")
	return cmd
}

func (t *tagChange) set(ctx context.Context) error {
	session, err := toCluster(ctx, t.flags)
	if err != nil {
		return err
	}
	tags, err := revision.Tags(ctx, session.client)
	if err != nil {
		return err
	}
	plane, err := t.target(ctx, session)
	if err != nil {
		return refusal(err)
	}
	objects, err := rendered.RenderTag(rendered.Tag{Name: t.name, Revision: unnamed(t.revision), Namespace: plane.Namespace, Injector: plane.Injector, Everywhere: t.everywhere})
	if err != nil {
		return err
	}
	plain, err := t.plainInjector(ctx, session)
	if err != nil {
		return err
	}
	if err := t.preview(ctx, session, tags, objects, plain); err != nil || t.dry {
		return err
	}
	if from := t.movesFrom(tags, plain); from != "" && !t.yes {
		ok, err := ask(ctx, t.streams, fmt.Sprintf("Move tag %s from revision %s to %s?", t.name, writer.Clean(from), t.revision))
		if err != nil {
			return err
		}
		if !ok {
			return &exitError{exitFindings, errors.New("cancelled, nothing was changed")}
		}
	}
	return t.apply(ctx, session, objects, plain)
}

// movesFrom is the revision that the tag is taken from; "" where it stands for
// none or for the same. The revision without a name acts as the default tag
// where there is no such tag.
func (t *tagChange) movesFrom(tags []snapshot.Tag, plain *unstructured.Unstructured) string {
	from := ""
	if before := standsFor(tags, t.name); before != nil {
		from = before.Revision
	} else if plain != nil {
		from = snapshot.DefaultRevision
	}
	if from == t.revision {
		return ""
	}
	return from
}

// target is the control plane that the tag is to stand for. The name of
// another one cannot be a tag as well: nobody could tell what it means.
func (t *tagChange) target(ctx context.Context, s *session) (*revision.ControlPlane, error) {
	plane, err := revision.Find(ctx, s.client, t.revision)
	if err != nil || t.name == snapshot.DefaultRevision {
		return plane, err
	}
	var none *revision.Impossible
	if _, err := revision.Find(ctx, s.client, t.name); err == nil {
		return nil, &exitError{exitFindings, fmt.Errorf("%s is the name of a revision that is installed, so it cannot be a tag", t.name)}
	} else if !errors.As(err, &none) {
		return nil, err
	}
	return plane, nil
}

// plainInjector is that of the revision without a name, where it still acts by
// itself and the default tag takes its place.
func (t *tagChange) plainInjector(ctx context.Context, s *session) (*unstructured.Unstructured, error) {
	if t.name != snapshot.DefaultRevision {
		return nil, nil
	}
	plane, err := revision.Find(ctx, s.client, snapshot.DefaultRevision)
	var none *revision.Impossible
	if errors.As(err, &none) || err == nil && snapshot.Deactivated(plane.Injector) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return plane.Injector, nil
}

// preview asks the API server what would change.
func (t *tagChange) preview(ctx context.Context, s *session, tags []snapshot.Tag, objects []*unstructured.Unstructured, plain *unstructured.Unstructured) error {
	if from := t.movesFrom(tags, plain); from != "" {
		fmt.Fprintf(t.out, "tag %s moves from revision %s to %s\n", t.name, writer.Clean(from), t.revision)
		users, err := revision.UsersOf(ctx, s.client, t.name)
		if err != nil {
			return err
		}
		for _, u := range users {
			fmt.Fprintf(t.out, "  ! %s; they get the other proxy when their pods are made anew\n", writer.Clean(u.String()))
		}
	}
	if plain != nil {
		fmt.Fprintf(t.out, "  ~ %s\n      injects no more: the default tag does\n", writer.Clean(snapshot.KeyOf(plain).String()))
	}
	for _, o := range objects {
		if err := t.previewOne(ctx, s, o); err != nil {
			return err
		}
	}
	return nil
}

func (t *tagChange) previewOne(ctx context.Context, s *session, o *unstructured.Unstructured) error {
	key := snapshot.KeyOf(o)
	live, err := s.client.Get(ctx, o.GroupVersionKind(), key.Namespace, key.Name)
	if err != nil && !kube.NotFound(err) {
		return fmt.Errorf("reading %s: %w", key, s.client.Explain(err))
	}
	after, applyErr := s.client.Apply(ctx, leave(o, live), kube.ApplyOptions{Force: true, DryRun: true})
	if applyErr != nil {
		return fmt.Errorf("trying %s: %w", key, s.client.Explain(applyErr))
	}
	if err != nil {
		fmt.Fprintf(t.out, "  + %s\n", writer.Clean(key.String()))
		return nil
	}
	for i, d := range kube.Diff(live, after) {
		if i == 0 {
			fmt.Fprintf(t.out, "  ~ %s\n", writer.Clean(key.String()))
		}
		fmt.Fprintf(t.out, "      %s: %s → %s\n", writer.Clean(d.Path), writer.Brief(d.Old), writer.Brief(d.New))
	}
	return nil
}

// leave keeps what istiod wrote, but for the CA of another control plane.
func leave(want, live *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil {
		return want
	}
	return snapshot.LeaveToIstiod(want, live)
}

// apply lets the plain injector act until all of the tag stands, so that at no
// moment nobody injects. A pod that both see has one proxy, the plain one's:
// istiod takes out what another has put in before.
func (t *tagChange) apply(ctx context.Context, s *session, objects []*unstructured.Unstructured, plain *unstructured.Unstructured) error {
	for _, o := range objects {
		key := snapshot.KeyOf(o)
		live, err := s.client.Get(ctx, o.GroupVersionKind(), key.Namespace, key.Name)
		if err != nil && !kube.NotFound(err) {
			return fmt.Errorf("reading %s: %w", key, s.client.Explain(err))
		}
		if _, err := s.client.Apply(ctx, leave(o, live), kube.ApplyOptions{Force: true}); err != nil {
			return fmt.Errorf("applying %s: %w", key, s.client.Explain(err))
		}
	}
	if plain != nil {
		if err := retire(ctx, s.client, plain); err != nil {
			return fmt.Errorf("tag %s stands, but %s injects too, and its proxy is the one that pods get; run this again: %w", t.name, snapshot.KeyOf(plain), s.client.Explain(err))
		}
	}
	fmt.Fprintf(t.out, "tag %s stands for revision %s\n", t.name, t.revision)
	return nil
}

// retire switches an injector off as it is by now: istiod may have written to
// it since it was read.
func retire(ctx context.Context, c *kube.Client, injector *unstructured.Unstructured) error {
	return kube.Patiently(ctx, func() error {
		live, err := c.Get(ctx, injector.GroupVersionKind(), "", injector.GetName())
		if err != nil {
			return err
		}
		return c.Update(ctx, rendered.Deactivate(live))
	})
}

// unnamed is how the charts call the revision without a name.
func unnamed(revision string) string {
	if revision == snapshot.DefaultRevision {
		return ""
	}
	return revision
}

// refusal gives what cannot be the exit code of a result, and what does not
// exist that of a wrong argument.
func refusal(err error) error {
	var none *revision.Impossible
	if errors.As(err, &none) && none.Unknown {
		return &exitError{exitUsage, err}
	}
	if errors.As(err, &none) {
		return &exitError{exitFindings, err}
	}
	return err
}
