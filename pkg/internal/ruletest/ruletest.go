// Package ruletest runs rules over the fixtures in testdata/rules. A fixture
// is a folder: its configuration files, an optional flags.txt with the flags
// of validate, one a line, and for a bad one a want.txt with what the text
// writer prints, and a want.diff with what the rule's fixes change. With a
// cluster.yaml, which holds a cluster's objects, it is about precheck or
// verify; the configuration is then the default profile unless there is one.
// For verify every object of the installation is there and ready unless
// cluster.yaml holds another one in its place, and answers.yaml has what istiods
// answer: a map of pods, each a map of paths. For rules about several clusters
// each folder in it is a cluster, and its files hold that one's objects.
package ruletest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/source/rendered"
	"github.com/meshctl/meshctl/pkg/writer"
)

// Names of the files in a fixture that are not configurations.
const (
	wantFile  = "want.txt"
	flagsFile = "flags.txt"
	// clusterFile holds the objects of a cluster.
	clusterFile = "cluster.yaml"
	// answersFile holds what istiods answer.
	answersFile = "answers.yaml"
	diffFile    = "want.diff" // what the rule's fixes change: in the files, and of what is installed
)

// Root is the folder of the module, found by walking up to go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test")
	}
}

// Fixtures lists the folders of one rule: bad ones, then good ones.
func Fixtures(t testing.TB, id string) (bad, good []string) {
	t.Helper()
	for prefix, out := range map[string]*[]string{"bad": &bad, "good": &good} {
		found, err := filepath.Glob(filepath.Join(Root(t), "testdata", "rules", id, prefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		*out = found
	}
	return bad, good
}

// Run runs every fixture of the rules: a bad one must print its want.txt,
// a good one nothing. UPDATE_GOLDEN=1 rewrites the wants.
func Run(t *testing.T, family []*rule.Rule) {
	t.Helper()
	for _, r := range family {
		bad, good := Fixtures(t, r.ID)
		for _, dir := range bad {
			t.Run(r.ID+"/"+filepath.Base(dir), func(t *testing.T) { runBad(t, r, dir) })
		}
		for _, dir := range good {
			t.Run(r.ID+"/"+filepath.Base(dir), func(t *testing.T) {
				if got := Print(t, r, dir); got != "" {
					t.Errorf("a good fixture has findings:\n%s", got)
				}
			})
		}
	}
}

func runBad(t *testing.T, r *rule.Rule, dir string) {
	got := Print(t, r, dir)
	if got == "" {
		t.Fatal("a bad fixture has no finding")
	}
	path := filepath.Join(dir, wantFile)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("want.txt (-) and output (+) differ:\n%s", diff)
	}
}

// Picture is what a rule sees of a fixture, and the stage it sees it in.
func Picture(t testing.TB, r *rule.Rule, dir string) (*snapshot.Snapshot, rule.Stage) {
	t.Helper()
	if r.In(rule.Fleet) {
		return fleet(t, dir), rule.Fleet
	}
	if !hasCluster(dir) && r.In(rule.Analyze) && !r.In(rule.Validate) {
		return objects(t, dir), rule.Analyze
	}
	snap := load(t, dir, nil)
	switch {
	case hasCluster(dir):
		return snap, populate(t, r, dir, snap)
	case slices.Contains(r.Needs, snapshot.Rendered):
		if err := rendered.Check(t.Context(), snap); err != nil {
			t.Fatal(err)
		}
	}
	return snap, r.Stages[0]
}

// Print runs one rule over one fixture and returns what the text writer says.
func Print(t testing.TB, r *rule.Rule, dir string) string {
	t.Helper()
	snap, stage := Picture(t, r, dir)
	rep := engine.Run(judges(r), snap, engine.Options{Stage: stage})
	rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool { return f.Rule != r.ID })
	for _, result := range rep.Rules {
		if result.ID != r.ID {
			continue
		}
		if result.Outcome == report.Skipped || result.Outcome == report.Crashed {
			t.Fatalf("%s: %s", result.Outcome, result.Reason)
		}
	}
	var out bytes.Buffer
	if err := writer.Text(&out, rep, writer.TextOptions{Quiet: true}); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "")
}

// judges are the rules that a fixture needs: a rule about suppressions has
// something to look at only if the others run too.
func judges(r *rule.Rule) []*rule.Rule {
	if r.Review == nil {
		return []*rule.Rule{r}
	}
	return rules.All()
}

// objects reads a fixture about the objects of a mesh.
func objects(t testing.TB, dir string) *snapshot.Snapshot {
	t.Helper()
	f := flags(t, filepath.Join(dir, flagsFile))
	f.options.Whole = f.complete
	s, err := files.LoadObjects(inputs(t, dir), nil, "", f.options)
	if err != nil {
		t.Fatal(err)
	}
	s.Settings = f.settings
	return s
}

// inputs are the files of a fixture that are looked at.
func inputs(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, e := range entries {
		if !slices.Contains([]string{wantFile, flagsFile, diffFile, clusterFile, answersFile}, e.Name()) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// load reads a fixture; texts, if any, are as in files.Options.
func load(t testing.TB, dir string, texts map[string][]byte) *snapshot.Snapshot {
	t.Helper()
	paths := inputs(t, dir)
	f := flags(t, filepath.Join(dir, flagsFile))
	var err error
	f.options.Texts = texts
	var s *snapshot.Snapshot
	if f.merge || len(f.sets) > 0 || len(paths) == 0 {
		s, err = files.Merge(paths, f.sets, nil, f.options)
	} else {
		s, err = files.Load(paths, nil, f.options)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Settings = f.settings
	return s
}

type fixtureFlags struct {
	options files.Options
	sets    []string
	merge   bool
	// complete says that the fixture holds the whole mesh.
	complete bool

	settings snapshot.Settings
}

// flags reads flags.txt. The time is fixed, so that dates do not change what
// a fixture gives.
func flags(t testing.TB, path string) fixtureFlags {
	t.Helper()
	f := fixtureFlags{options: files.Options{Now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}}
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return f
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "--istio-version":
			if f.options.Istio, err = facts.ParseMinor(value); err != nil {
				t.Fatal(err)
			}
		case "--kubernetes-version":
			f.options.Kubernetes = value
		case "--from-version":
			f.options.From = value
		case "--platform":
			f.options.Platform = value
		case "--chart":
			f.options.Chart = value
		case "--set":
			f.sets = append(f.sets, value)
		case "--complete":
			f.complete = true
		case "--merge":
			f.merge = true
		case "sensitive-metrics": // a setting of the configuration file
			f.settings.SensitiveMetrics = true
		case "allowed-annotation":
			f.settings.AllowedAnnotations = append(f.settings.AllowedAnnotations, value)
		case "allowed-writer":
			f.settings.AllowedWriters = append(f.settings.AllowedWriters, value)
		case "many-services":
			if f.settings.ManyServices, err = strconv.Atoi(value); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("%s: unknown flag %q", path, name)
		}
	}
	return f
}
