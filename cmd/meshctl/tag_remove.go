package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/revision"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newTagRemove(s streams) *cobra.Command {
	t := &tagChange{streams: s, flags: kube.NewFlags()}
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a tag that nobody uses",
		Long: `remove deletes the webhooks and the service of a tag. It refuses while
namespaces or pods name the tag: those of their pods that are made afterwards
would have no sidecar. --force removes it all the same.`,
		Example: "  meshctl tag remove prod",
		Args:    arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.name = args[0]
			return t.remove(cmd.Context())
		},
	}
	t.add(cmd)
	cmd.Flags().BoolVar(&t.force, "force", false, "remove a tag that is in use")
	return cmd
}

func (t *tagChange) remove(ctx context.Context) error {
	session, err := toCluster(ctx, t.flags)
	if err != nil {
		return err
	}
	objects, err := revision.ObjectsOf(ctx, session.client, t.name)
	if err != nil {
		return err
	}
	if len(objects) == 0 {
		return t.noSuch(ctx, session)
	}
	users, err := revision.UsersOf(ctx, session.client, t.name)
	if err != nil {
		return err
	}
	for _, o := range objects {
		fmt.Fprintf(t.out, "  - %s\n", writer.Clean(snapshot.KeyOf(o).String()))
	}
	for _, u := range users {
		fmt.Fprintf(t.out, "  ! in use: %s\n", writer.Clean(u.String()))
	}
	if len(users) > 0 && !t.force {
		return &exitError{exitFindings, errors.New("the tag is in use, nothing was removed; --force removes it all the same")}
	}
	if t.dry {
		return nil
	}
	if !t.yes {
		ok, err := ask(ctx, t.streams, fmt.Sprintf("Remove tag %s?", writer.Clean(t.name)))
		if err != nil {
			return err
		}
		if !ok {
			return &exitError{exitFindings, errors.New("cancelled, nothing was removed")}
		}
	}
	for _, o := range objects {
		if err := session.client.Delete(ctx, o); err != nil {
			return fmt.Errorf("deleting %s: %w", snapshot.KeyOf(o), session.client.Explain(err))
		}
	}
	fmt.Fprintf(t.out, "tag %s is removed\n", writer.Clean(t.name))
	return nil
}

// noSuch says which tags there are.
func (t *tagChange) noSuch(ctx context.Context, s *session) error {
	tags, err := revision.Tags(ctx, s.client)
	if err != nil {
		return err
	}
	var names []string
	for _, tag := range tags {
		names = append(names, writer.Clean(tag.Name))
	}
	if len(names) == 0 {
		return usagef("there is no tag %s, nor any other", writer.Clean(t.name))
	}
	return usagef("there is no tag %s; there are: %s", writer.Clean(t.name), strings.Join(names, ", "))
}
