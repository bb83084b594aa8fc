package ruletest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Scene is a cluster that several configurations are checked against.
type Scene struct {
	// Dir holds the cluster.yaml, and flags.txt as fixtures have it.
	Dir string
	// File is the name of the configuration's file and Text its content; the
	// default profile where it is empty.
	File, Text string
	Stage      rule.Stage
}

// Judge runs rules over a scene.
func Judge(t testing.TB, family []*rule.Rule, c Scene) *report.Report {
	t.Helper()
	dir := t.TempDir()
	if c.Text != "" {
		if err := os.WriteFile(filepath.Join(dir, c.File), []byte(c.Text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if flags, err := os.ReadFile(filepath.Join(c.Dir, flagsFile)); err == nil {
		if err := os.WriteFile(filepath.Join(dir, flagsFile), flags, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap := load(t, dir, nil)
	occupy(t, filepath.Join(c.Dir, clusterFile), snap)
	opts := engine.Options{Stage: c.Stage}
	if slices.Contains(engine.Parts(family, opts), snapshot.Rendered) {
		render(t, snap)
	}
	return engine.Run(family, snap, opts)
}
