package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newTag(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tag list|set|remove",
		Short: "Names that stand for a revision of the control plane",
		Long: `A revision tag is a name that stands for a revision. Namespaces are labelled
with it once (istio.io/rev=TAG), and are moved to another control plane by
moving the tag. The tag "default" is the one that istio-injection=enabled
means; with it moves the validation of objects that name no revision.

Tags are made of the webhooks and the service that istioctl tag makes, and
istioctl works with them.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTagList(s), newTagSet(s), newTagRemove(s))
	return cmd
}

func newTagList(s streams) *cobra.Command {
	flags, output := kube.NewFlags(), ""
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Print the tags, what they stand for and who uses them",
		Example: "  meshctl tag list\n  meshctl tag list -o json",
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return usagef("unknown output format %q, want text or json", output)
			}
			session, err := toCluster(cmd.Context(), flags)
			if err != nil {
				return err
			}
			tags, err := listTags(cmd.Context(), session)
			if err != nil {
				return err
			}
			if output == "json" {
				return writer.Encode(s.out, tags)
			}
			return printTags(s, tags)
		},
	}
	flags.AddFlags(cmd.Flags())
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT`: text or json")
	return cmd
}

// toCluster connects without a configuration.
func toCluster(ctx context.Context, flags *kube.Flags) (*session, error) {
	return connect(ctx, flags, files.Elsewhere(nil, files.Options{Istio: facts.Embedded()}))
}

// listed is one tag in the form that istioctl prints too.
type listedTag struct {
	Tag        string   `json:"tag"`
	Revision   string   `json:"revision"`
	Namespaces []string `json:"namespaces"`
}

func listTags(ctx context.Context, s *session) ([]listedTag, error) {
	tags, err := revision.Tags(ctx, s.client)
	if err != nil {
		return nil, err
	}
	out := []listedTag{}
	for _, t := range tags {
		users, err := revision.NamespacesOf(ctx, s.client, t.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, listedTag{t.Name, t.Revision, users})
	}
	return out, nil
}

func printTags(s streams, tags []listedTag) error {
	if len(tags) == 0 {
		_, err := fmt.Fprintln(s.out, "no revision tags")
		return err
	}
	for _, t := range tags {
		namespaces := "no namespace"
		if len(t.Namespaces) > 0 {
			namespaces = strings.Join(t.Namespaces, ", ")
		}
		if _, err := fmt.Fprintf(s.out, "%-15s %-15s %s\n", writer.Clean(t.Tag), writer.Clean(t.Revision), writer.Clean(namespaces)); err != nil {
			return fmt.Errorf("writing tags: %w", err)
		}
	}
	return nil
}

// standsFor is the tag of a name, if there is one.
func standsFor(tags []snapshot.Tag, name string) *snapshot.Tag {
	if i := slices.IndexFunc(tags, func(t snapshot.Tag) bool { return t.Name == name }); i >= 0 {
		return &tags[i]
	}
	return nil
}
