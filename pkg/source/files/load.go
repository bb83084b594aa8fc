package files

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Options say what the files are checked for.
type Options struct {
	// Chart makes every mapping that is no Kubernetes object the values of
	// this chart; "" recognises them by content and file name.
	Chart string
	// Profile names what Merge lays below all files: one of meshctl's own
	// profiles or of istioctl's.
	Profile string
	// Revision is what Merge writes into configurations without one; ""
	// leaves them as they are.
	Revision string
	// Istio is the minor to be installed; zero takes the embedded one.
	Istio facts.Minor
	// Kubernetes is the version of the cluster, Platform an ID of
	// facts.Platforms; "" where not known.
	Kubernetes, Platform string
	// IgnoreOthers leaves named files of other kinds alone, as it is in
	// folders.
	IgnoreOthers bool
	// From is the Istio minor that runs today, facts.NothingRuns for none; ""
	// where not known.
	From string
	// Now is the time of the snapshot; zero takes the clock's.
	Now time.Time
	// Interrupted is asked before every file and in every folder: its error
	// ends the reading. A context's Err fits; nil never interrupts.
	Interrupted func() error
	// Texts keeps the content of each file and is asked before the file, so
	// that a later reading can be given other texts; nil keeps none.
	Texts map[string][]byte
	// Whole says that the files of LoadObjects hold everything that there is.
	Whole bool
	// Cache, if set, spares LoadObjects what it has read before.
	Cache *Cache

	limit   int64 // of a file's bytes; 0 for document.MaxBytes
	objects bool  // JSON files of folders are read too, as kubectl does
}

// Load reads every file on its own: each IstioOperator and each document
// with a chart's values becomes one configuration. The error tells of a file
// that could not be read; what is wrong inside a file is a Problem of its
// document.
func Load(paths []string, stdin io.Reader, o Options) (*snapshot.Snapshot, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	inputs, err := o.expand(paths)
	if err != nil {
		return nil, err
	}
	s := o.snapshot()
	files := make([]loaded, len(inputs))
	for i, in := range inputs {
		s.Files = append(s.Files, in.path)
		docs, err := o.read(in.path, stdin)
		if err != nil {
			return nil, err
		}
		in.named = in.named && !o.IgnoreOthers
		files[i] = loaded{in, docs}
	}
	f := finder{chart: o.Chart, sources: sources{}, homes: homes{}, patches: patches{}, refs: references{}}
	for _, file := range files {
		f.patches.collect(file.docs)
		f.refs.collect(file.docs)
		f.sources.collect(file.docs)
		f.homes.collect(file.docs)
	}
	for _, file := range files {
		f.take(s, file)
	}
	layPatches(s.Configs)
	finish(s, !o.IgnoreOthers)
	return s, nil
}

// loaded is a file with what was read from it.
type loaded struct {
	input
	docs []*document.Document
}

// take adds one file to the snapshot.
func (f finder) take(s *snapshot.Snapshot, file loaded) {
	if file.named {
		if len(file.docs) == 0 && f.chart != "" {
			s.Configs = append(s.Configs, blank(f.chart)) // no values of one's own are legal for Helm
			return
		}
		file.docs = orEmpty(file.path, file.docs)
	}
	for _, d := range file.docs {
		configs := f.recognise(d)
		s.Configs = append(s.Configs, configs...)
		if len(configs) == 0 && (f.ours == nil || !f.ours(d)) {
			s.Others += other(d, file.named && len(file.docs) == 1)
		}
	}
	s.Documents = append(s.Documents, file.docs...)
}

// finish completes a snapshot whose documents were all read. Unless nothing
// is expected, it is a problem if none of them is ours.
func finish(s *snapshot.Snapshot, expected bool) {
	for _, c := range s.Configs {
		if !c.Istio.Known() {
			c.Istio = s.Target.Istio
		}
		c.Effective = effective(c)
		c.Unseen = append(c.Unseen, placeholders(c)...)
	}
	if len(s.Configs) == 0 {
		const why = "no configuration could be read from the files"
		s.Miss(snapshot.Configuration, why)
		s.Miss(snapshot.Given, why)
	}
	if expected && len(s.Configs) == 0 && !slices.ContainsFunc(s.Documents, broken) && len(s.Documents) > 0 {
		blameAll(s)
	}
}

// blameAll says at the first document that none is ours.
func blameAll(s *snapshot.Snapshot) {
	first := s.Documents[0]
	if s.Others < 2 || first.Root == nil {
		blame(first)
		return
	}
	first.Problems = append(first.Problems, document.Problem{Kind: document.NotOurs, At: start(first.Root), Message: fmt.Sprintf(
		"no Istio installation among %d documents, of which this is the first; values that are not recognised need --chart", s.Others)})
}

// other counts a document that is not ours, and blames one that the user
// named but that tells nothing about what it is. Keys that stand twice in
// other documents, and templates of theirs, are not our business.
func other(d *document.Document, alone bool) int {
	d.Problems = slices.DeleteFunc(d.Problems, func(p document.Problem) bool {
		return p.Kind == document.DuplicateKey || p.Kind == document.Template && d.Root != nil && !alone
	})
	if d.Root == nil || broken(d) {
		return 0
	}
	if alone && !object(d.Root) {
		blame(d)
	}
	return 1
}

// blame adds the problem that a document is no Istio installation.
func blame(d *document.Document) {
	if d.Root != nil {
		d.Problems = append(d.Problems, document.Problem{Kind: document.NotOurs, At: start(d.Root), Message: foreign(d.Root)})
	}
}

// check finds names that do not exist.
func (o Options) check() error {
	if o.Chart != "" && !slices.Contains(facts.Charts(), o.Chart) {
		return usagef("--chart: unknown chart %q, want one of %s", o.Chart, strings.Join(facts.Charts(), ", "))
	}
	if o.Platform != "" && !slices.Contains(facts.PlatformIDs(), o.Platform) {
		return usagef("--platform: unknown platform %q, want one of %s", o.Platform, strings.Join(facts.PlatformIDs(), ", "))
	}
	return nil
}

func (o Options) interrupted() error {
	if o.Interrupted == nil {
		return nil
	}
	if err := o.Interrupted(); err != nil {
		return fmt.Errorf("reading files: %w", err)
	}
	return nil
}

func (o Options) snapshot() *snapshot.Snapshot {
	s := &snapshot.Snapshot{Now: o.Now}
	if s.Now.IsZero() {
		s.Now = time.Now()
	}
	s.Target = snapshot.Target{Istio: o.Istio, Kubernetes: o.Kubernetes, Platform: o.Platform}
	if o.From != facts.NothingRuns && o.From != "" {
		// The caller has checked it, as all versions.
		s.Target.From, _ = facts.ParseMinor(o.From)
	}
	if !s.Target.Istio.Known() {
		s.Target.Istio = facts.Embedded()
	}
	s.Provide(snapshot.Documents)
	s.Provide(snapshot.Configuration)
	s.Provide(snapshot.Given)
	given(s, snapshot.ServerVersion, o.Kubernetes, "no --kubernetes-version given")
	given(s, snapshot.Platform, o.Platform, "no --platform given")
	given(s, snapshot.Running, o.From, "no --from-version given")
	return s
}

func given(s *snapshot.Snapshot, part snapshot.Part, value, without string) {
	if value == "" {
		s.Miss(part, without)
		return
	}
	s.Provide(part)
}

// orEmpty makes a file without any value a document with a problem, because
// silence about it would look like a pass.
func orEmpty(path string, docs []*document.Document) []*document.Document {
	if len(docs) > 0 {
		return docs
	}
	at := finding.Location{File: path, Line: 1, Column: 1}
	return []*document.Document{{File: path, Line: 1, Problems: []document.Problem{{
		Kind: document.Empty, At: at, Message: "the file holds no configuration: it is empty, or comments only",
	}}}}
}

func start(root *document.Value) finding.Location {
	if kind := root.Field("kind"); kind != nil {
		return kind.Location()
	}
	if fields := root.Fields(); len(fields) > 0 {
		return fields[0].KeyLocation()
	}
	return root.Location()
}

func foreign(root *document.Value) string {
	if root.Kind != document.Map {
		return "not an Istio installation: the document is " + article(root.Kind.String()) + ", not a map of settings"
	}
	kind := root.Str("kind")
	switch {
	case kind == "" || !object(root):
		return "not recognised as an Istio installation: neither an IstioOperator nor clearly the values of one chart; name the chart with --chart"
	case schema.Suggest(kind, []string{"IstioOperator"}) != "":
		return fmt.Sprintf("not an Istio installation: kind %q of %s; did you mean IstioOperator of %s/v1alpha1?", kind, root.Str("apiVersion"), operatorGroup)
	}
	return fmt.Sprintf("not an Istio installation: the document is of kind %s, neither an IstioOperator nor the values of a chart", kind)
}

// article puts the word before a noun.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
