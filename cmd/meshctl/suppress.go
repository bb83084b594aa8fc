package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/meshctl/meshctl/pkg/config"
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/suppress"
)

// suppressions adds those of the configuration file and of the baseline.
func (p *policyFlags) suppressions(s *snapshot.Snapshot, opts *engine.Options) error {
	for _, e := range p.file.Exceptions {
		opts.Suppress = append(opts.Suppress, p.exception(e, s.Merged || s.Cluster != ""))
	}
	opts.KeyOf = suppress.Key(p.names(p.baseline))
	if p.baseline == "" {
		return nil
	}
	data, err := os.ReadFile(p.baseline)
	switch {
	case errors.Is(err, fs.ErrNotExist) && p.writeBaseline != "":
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("reading baseline %s: no such file; make one with --write-baseline %s", p.baseline, p.baseline)
	case err != nil:
		return fmt.Errorf("reading baseline: %w", err)
	}
	known, err := suppress.ReadBaseline(p.baseline, data, p.seen(s))
	opts.Suppress = append(opts.Suppress, known...)
	return err
}

func (p *policyFlags) exception(e config.Exception, merged bool) *suppress.Entry {
	about := "anywhere"
	if e.Path != "" {
		about = "in " + strconv.Quote(e.Path)
	}
	return &suppress.Entry{
		Kind: suppress.Config, Rule: e.Rule, Reason: e.Reason, At: e.At, About: about,
		Covers: func(f finding.Finding) bool { return p.file.Matches(e, f.At.File) },
		Seen: func() bool {
			return !merged && p.file.AllRead(e, func(path string) bool { return p.read[path] })
		},
	}
}

// seen says of an entry in the baseline whether all of its file was looked at,
// or whether that is gone. Files that were merged may hold more than is in
// effect, and another cluster may have what this one has not.
func (p *policyFlags) seen(s *snapshot.Snapshot) func(suppress.Known) bool {
	broken := map[string]bool{}
	for _, d := range s.Documents {
		for _, problem := range d.Problems {
			if problem.Kind != document.DuplicateKey {
				broken[absolute(d.File)] = true
			}
		}
	}
	return func(k suppress.Known) bool {
		name := k.File
		if k.Cluster != s.Cluster {
			return false
		}
		if name == "" {
			return true
		}
		path := filepath.Join(absolute(filepath.Dir(p.baseline)), filepath.FromSlash(name))
		if p.read[path] {
			return !s.Merged && !broken[path]
		}
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	}
}

// names gives files the name that a baseline has for them: relative to the
// baseline, so that it does not matter where meshctl is run.
func (p *policyFlags) names(baseline string) func(string) string {
	folder := absolute(filepath.Dir(baseline))
	cache := map[string]string{}
	return func(file string) string {
		if name, ok := cache[file]; ok {
			return name
		}
		name := file
		if abs := absolute(file); p.read[abs] && file != "-" {
			if rel, err := filepath.Rel(folder, abs); err == nil {
				name = filepath.ToSlash(rel)
			}
		}
		cache[file] = name
		return name
	}
}

// keep writes the baseline, if one is wanted: what was found, and what an
// older baseline left out. Rules about
// suppressions and about files that cannot be read are not for baselines.
func (p *policyFlags) keep(s streams, r *report.Report) error {
	if p.writeBaseline == "" {
		return nil
	}
	never := map[string]bool{}
	for _, rule := range rules.All() {
		never[rule.ID] = rule.Review != nil || rule.Unreadable
	}
	var found []finding.Finding
	for _, f := range r.Findings {
		if !never[f.Rule] {
			found = append(found, f)
		}
	}
	for _, left := range r.Suppressed {
		if left.By.Kind == string(suppress.Baseline) {
			found = append(found, left.Finding)
		}
	}
	data, err := suppress.WriteBaseline(found, p.names(p.writeBaseline))
	if err != nil {
		return err
	}
	if err := replaceFile(p.writeBaseline, data); err != nil {
		return fmt.Errorf("writing baseline %s: %w", p.writeBaseline, plainCause(err))
	}
	fmt.Fprintf(s.err, "findings in baseline %s: %d\n", p.writeBaseline, len(found))
	return nil
}
