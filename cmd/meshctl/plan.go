package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/writer"
)

func newPlan(s streams) *cobra.Command {
	var cfg configFlags
	out := outputFlags{only: []string{textFormat, "json"}} // a plan is no list of findings
	flags := kube.NewFlags()
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "plan [-f FILE]... [--set PATH=VALUE]...",
		Short: "Show what install would create, change and delete",
		Long: `plan sends every object of the installation as a server-side dry run and shows
what would be different afterwards. It writes nothing.

Without -f, --set and --profile it is about what is installed: what install
recorded, or what can be read back from the cluster.

Exit code 0: the cluster is as wanted. 1: it differs.`,
		Example: `  meshctl plan -f istio.yaml
  meshctl plan -f istio.yaml --set values.pilot.autoscaleMin=2
  meshctl plan                   # did anybody change what is installed?`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			return plan(ctx, s, &cfg, &out, flags)
		},
	}
	cfg.add(cmd)
	cfg.addOwner(cmd)
	out.add(cmd)
	flags.AddFlags(cmd.Flags())
	addTimeout(cmd, &timeout, time.Minute)
	return cmd
}

func plan(ctx context.Context, s streams, cfg *configFlags, out *outputFlags, flags *kube.Flags) error {
	if err := out.check(); err != nil {
		return err
	}
	cfg.inherit(out.policy)
	sessions, broken, err := subjects(ctx, s, cfg, out, flags, planning)
	if err != nil {
		return out.failure(s, "plan", err)
	}
	if broken != nil {
		return out.refuse(s, broken, "plan")
	}
	session := sessions[0]
	deploy := deploymentOf(session.snap)
	if err := session.readFor(ctx, deploy, false); err != nil {
		return out.failure(s, "plan", err)
	}
	p, err := session.plan(ctx, deploy)
	if err != nil {
		return out.failure(s, "plan", err)
	}
	for _, o := range out.outputs {
		d := parseDestination(o)
		if err := emit(s, d, func(w io.Writer) error { return printPlan(w, p, d.format == "json") }); err != nil {
			return err
		}
	}
	if !p.Empty() {
		return errFindings
	}
	return nil
}

// plan asks the cluster what applying the rendered objects would change.
// Refusals are the configuration's fault or the user's rights, not a failure
// of the tool.
func (s *session) plan(ctx context.Context, deploy deployment) (*install.Plan, error) {
	p, err := deploy.plan(ctx, s)
	if err != nil {
		var refused *install.Refused
		if errors.As(err, &refused) {
			return nil, &exitError{exitFindings, err}
		}
		return nil, fmt.Errorf("planning: %w", err)
	}
	return p, nil
}

func counts(p *install.Plan) *report.Plan {
	return &report.Plan{
		Create: p.Count(install.Create), Change: p.Count(install.Change),
		Delete: p.Count(install.Delete), Unchanged: p.Count(install.Unchanged),
	}
}

type planJSON struct {
	SchemaVersion string       `json:"schemaVersion"`
	Summary       *report.Plan `json:"summary"`
	Steps         []stepJSON   `json:"steps"`
}

type stepJSON struct {
	Action    install.Action `json:"action"`
	Object    string         `json:"object"`
	Component string         `json:"component,omitempty"`
	Fields    []fieldJSON    `json:"fields,omitempty"`
}

type fieldJSON struct {
	Path string `json:"path"`
	Live string `json:"live"`
	Want string `json:"want"`
}

func printPlan(w io.Writer, p *install.Plan, asJSON bool) error {
	if asJSON {
		return planAsJSON(w, p)
	}
	for _, step := range p.Steps {
		mark := map[install.Action]string{install.Create: "+", install.Change: "~", install.Delete: "-"}[step.Action]
		if mark == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "  %s %s\n", mark, writer.Clean(step.Key.String())); err != nil {
			return fmt.Errorf("writing plan: %w", err)
		}
		for _, f := range step.Fields {
			fmt.Fprintf(w, "      %s: %s → %s\n", writer.Clean(f.Path), writer.Brief(f.Live), writer.Brief(f.Want))
		}
	}
	c := counts(p)
	_, err := fmt.Fprintf(w, "Plan: %d to create, %d to change, %d to delete, %d unchanged.\n", c.Create, c.Change, c.Delete, c.Unchanged)
	return err
}

func planAsJSON(w io.Writer, p *install.Plan) error {
	doc := planJSON{SchemaVersion: "meshctl.plan/v1", Summary: counts(p), Steps: []stepJSON{}}
	for _, step := range p.Steps {
		entry := stepJSON{Action: step.Action, Object: step.Key.String(), Component: step.Manifest.Component}
		for _, f := range step.Fields {
			entry.Fields = append(entry.Fields, fieldJSON{f.Path, f.Live, f.Want})
		}
		doc.Steps = append(doc.Steps, entry)
	}
	return writer.Encode(w, doc)
}
