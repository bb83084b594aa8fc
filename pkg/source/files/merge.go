package files

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// SetError is a mistake in the arguments, such as a wrong --set expression, an
// unknown chart or files that cannot be merged, rather than in a file.
type SetError struct{ message string }

func (e *SetError) Error() string { return e.message }

func usagef(format string, args ...any) error { return &SetError{fmt.Sprintf(format, args...)} }

// Merge reads files as one installation does: the files in their order, each
// over the ones before, then the --set expressions. Without a file it is the
// default profile, or no values with a chart given; a profile that is asked
// for lies below all files. Values of several charts
// stay one configuration a chart. A wrong expression is a *SetError.
func Merge(files, sets []string, stdin io.Reader, o Options) (*snapshot.Snapshot, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	profile, err := o.profile()
	if err != nil {
		return nil, err
	}
	s := o.snapshot()
	s.Merged = len(files) > 1 || len(files) == 1 && profile != nil
	f := finder{chart: o.Chart, sources: sources{}, homes: homes{}}
	for _, path := range files {
		s.Files = append(s.Files, path)
		if info, err := os.Stat(path); path != stdinName && err == nil && info.IsDir() {
			return nil, usagef("-f %s: is a folder; -f takes files, which are merged; give the folder as an argument of validate", path)
		}
		docs, err := o.read(path, stdin)
		if err != nil {
			return nil, err
		}
		docs = orEmpty(path, docs)
		s.Documents = append(s.Documents, docs...)
		if err := f.merge(s, docs); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		s.Configs = []*snapshot.Config{blank(o.Chart)}
	}
	if err := mixed(s.Configs); err != nil {
		return nil, err
	}
	if s.Configs, err = layOver(profile, s.Configs, o.Profile); err != nil {
		return nil, err
	}
	if err := setAll(s.Configs, sets); err != nil {
		return nil, err
	}
	if err := setRevision(s.Configs, o.Revision); err != nil {
		return nil, err
	}
	finish(s, true)
	return s, nil
}

// merge lays the configurations of one file over those before it.
// istioctl refuses a file with several objects, so a second IstioOperator is
// not merged and any other object is a problem as well.
func (f finder) merge(s *snapshot.Snapshot, docs []*document.Document) error {
	f.sources.collect(docs)
	f.homes.collect(docs)
	var seen []*snapshot.Config
	var first *document.Document
	var others []*document.Document
	for _, d := range docs {
		configs := f.recognise(d)
		if len(configs) == 0 {
			s.Others += other(d, len(docs) == 1)
			others = append(others, d)
			continue
		}
		if configs[0].IsOperator() {
			if first != nil {
				several(d, first, "second IstioOperator in one file; istioctl refuses such a file for -f")
				continue
			}
			first = d
		}
		for _, c := range configs {
			if err := mergeable(d.File, c, seen); err != nil {
				return err
			}
			seen = append(seen, c)
			s.Configs = lay(s.Configs, c)
		}
	}
	for _, d := range others {
		if first != nil && d.Root != nil && object(d.Root) {
			several(d, first, "another object beside the IstioOperator; istioctl refuses such a file for -f")
		}
	}
	return nil
}

// mergeable refuses what has no meaning merged: several releases of one chart
// in one file, and mesh config without the values around it.
func mergeable(file string, c *snapshot.Config, seen []*snapshot.Config) error {
	if c.IsMesh() {
		return usagef("-f %s: %s holds mesh config only, which is no installation; give the file as an argument of validate", file, c.Name())
	}
	for _, s := range seen {
		if c.Wrapper != nil && s.Wrapper != nil && s.Chart == c.Chart {
			return usagef("-f %s: %s and %s are two releases of chart %s, which cannot be merged; give the file as an argument of validate", file, s.Name(), c.Name(), c.Chart)
		}
	}
	return nil
}

func several(d, first *document.Document, message string) {
	d.Problems = append(d.Problems, document.Problem{Kind: document.Several, At: start(d.Root), First: start(first.Root), Message: message})
}

// lay merges a configuration onto the one of the same chart, or adds it.
func lay(onto []*snapshot.Config, c *snapshot.Config) []*snapshot.Config {
	for _, existing := range onto {
		if existing.Chart == c.Chart {
			existing.Root = document.Merge(existing.Root, withoutEmptySpec(c))
			existing.Unseen = append(existing.Unseen, c.Unseen...)
			existing.ReleaseNamespace = cmp.Or(c.ReleaseNamespace, existing.ReleaseNamespace)
			if c.Wrapper != nil {
				existing.Wrapper, existing.Istio = c.Wrapper, c.Istio
			}
			return onto
		}
	}
	return append(onto, c)
}

// withoutEmptySpec drops a spec that holds nothing, as istioctl does before
// it merges a file: null would replace the spec below it.
func withoutEmptySpec(c *snapshot.Config) *document.Value {
	if spec := c.Root.Field("spec"); c.IsOperator() && spec != nil && spec.Kind == document.Null {
		return c.Root.Without("spec")
	}
	return c.Root
}

func blank(chart string) *snapshot.Config {
	root := map[string]any{}
	if chart == "" {
		root = map[string]any{"apiVersion": operatorGroup + "/v1alpha1", "kind": "IstioOperator", "spec": map[string]any{}}
	}
	return &snapshot.Config{Chart: chart, Root: document.FromGo(root, finding.Location{File: "(defaults)"})}
}

func mixed(configs []*snapshot.Config) error {
	for _, c := range configs {
		if c.IsOperator() != configs[0].IsOperator() {
			return usagef("-f: an IstioOperator and Helm values cannot be merged; give one kind of file")
		}
	}
	return nil
}
