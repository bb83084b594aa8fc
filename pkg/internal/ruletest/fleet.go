package ruletest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/cluster"
)

// fleet reads a fixture about several clusters.
func fleet(t testing.TB, dir string) *snapshot.Snapshot {
	t.Helper()
	out := &snapshot.Snapshot{Now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}
	folders, err := filepath.Glob(filepath.Join(dir, "*", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if files, _ := filepath.Glob(filepath.Join(f, "*.yaml")); len(files) > 0 {
			out.Fleet = append(out.Fleet, oneOf(t, filepath.Base(f), files))
		}
	}
	for _, part := range engine.Parts(rules.All(), engine.Options{Stage: rule.Fleet}) {
		out.Provide(part)
	}
	return out
}

// oneOf reads the objects of one cluster.
func oneOf(t testing.TB, name string, files []string) *snapshot.Snapshot {
	t.Helper()
	var objects folder
	for _, f := range files {
		objects = append(objects, readObjects(t, f)...)
	}
	s := &snapshot.Snapshot{Cluster: name, Target: snapshot.Target{Istio: facts.Embedded(), Kubernetes: fixtureKubernetes, Context: name}}
	if err := cluster.ReadObjects(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Complete(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	if err := cluster.ReadIdentity(t.Context(), objects, s); err != nil {
		t.Fatal(err)
	}
	s.Provide(snapshot.Identities)
	return s
}
