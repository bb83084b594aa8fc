package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/meshctl/meshctl/pkg/config"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// policyFlags are what a repository has decided: its configuration file and
// its baseline.
type policyFlags struct {
	config, baseline, writeBaseline string
	noConfig                        bool

	given *pflag.FlagSet // to tell flags from their defaults
	file  *config.Config // never nil after load; empty where there is no file
	read  map[string]bool
}

func (p *policyFlags) add(cmd *cobra.Command) {
	p.given = cmd.Flags()
	p.given.StringVar(&p.config, "config", "", "configuration `FILE` (default: "+config.FileName+" here or in a folder above, up to the root of the repository)")
	p.given.BoolVar(&p.noConfig, "no-config", false, "read no configuration file")
	p.given.StringVar(&p.baseline, "baseline", "", "leave out the findings that `FILE` holds")
	p.given.StringVar(&p.writeBaseline, "write-baseline", "", "write today's findings to `FILE`, for --baseline, and exit 0")
	_ = cmd.MarkFlagFilename("config", "yaml")
	_ = cmd.MarkFlagFilename("baseline", "json")
	_ = cmd.MarkFlagFilename("write-baseline", "json")
}

// load reads the configuration file, if there is one.
func (p *policyFlags) load() error {
	p.file = &config.Config{}
	path, err := p.find()
	if err == nil && path != "" {
		p.file, err = config.Read(path, ids(), idsByName())
	}
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return &exitError{exitUsage, err}
	}
	return err
}

func (p *policyFlags) find() (string, error) {
	switch {
	case p.noConfig && p.given.Changed("config"):
		return "", usagef("--config and --no-config exclude one another")
	case p.noConfig:
		return "", nil
	case p.given.Changed("config") && p.config == "":
		return "", usagef("--config needs a FILE; --no-config reads none")
	case p.config != "":
		return p.config, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", config.FileName, err)
	}
	path, err := config.Find(folder)
	if path == "" || err != nil {
		return "", err
	}
	return relative(folder, path), nil
}

// relative is the shorter way to name a file for a reader.
func relative(folder, path string) string {
	if rel, err := filepath.Rel(folder, path); err == nil {
		return rel
	}
	return path
}

// idsByName are the rules' IDs by their names.
func idsByName() map[string]string {
	out := map[string]string{}
	for _, r := range rules.All() {
		out[r.Name] = r.ID
	}
	return out
}

func ids() []string {
	var out []string
	for _, r := range rules.All() {
		out = append(out, r.ID)
	}
	return out
}

// inherit takes from the configuration file what no flag says.
func (o *outputFlags) inherit() {
	f := o.policy.file
	if f.FailOn.Value != "" && !o.policy.given.Changed("fail-on") {
		o.failOn = f.FailOn.Value
	}
	if f.Strict && !o.policy.given.Changed("strict") {
		o.strict = true
	}
	if !o.policy.given.Changed("select") {
		o.selected = f.Select
	}
	o.ignored = append(o.ignored, f.Ignore...)
	if f.Baseline != "" && !o.policy.given.Changed("baseline") {
		o.policy.baseline = f.Path(f.Baseline)
	}
}

// leavesOut says which rules the configuration file switches off: it may be
// far from the files that are checked.
func (p *policyFlags) leavesOut() []string {
	if p.file == nil || len(p.file.Ignore) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s leaves out %s", p.file.File, strings.Join(p.file.Ignore, ", "))}
}

// severity joins the file's severities with those of flags, which win over
// all that they cover.
func (p *policyFlags) severity(flags map[string]finding.Severity) map[string]finding.Severity {
	if p.file == nil {
		return flags
	}
	for id, level := range p.file.Severity {
		covered := false
		for prefix := range flags {
			covered = covered || strings.HasPrefix(id, prefix)
		}
		if !covered {
			flags[id] = level
		}
	}
	return flags
}

// inherit takes from the configuration file what no flag says.
func (c *configFlags) inherit(p policyFlags) {
	if p.file.Platform != "" && !p.given.Changed("platform") {
		c.platform = p.file.Platform
	}
}

func (v *validateFlags) inherit(p policyFlags) {
	v.configFlags.inherit(p)
	for flag, setting := range map[string]struct {
		value string
		into  *string
	}{
		"istio-version":      {p.file.IstioVersion, &v.istio},
		"from-version":       {p.file.FromVersion, &v.from},
		"kubernetes-version": {p.file.KubernetesVersion, &v.kubernetes},
	} {
		if setting.value != "" && !p.given.Changed(flag) {
			*setting.into = setting.value
		}
	}
}

// tell hands a picture the settings of single rules, and remembers which
// files it was made from.
func (p *policyFlags) tell(s *snapshot.Snapshot) {
	if p.file != nil {
		s.Settings.SensitiveMetrics = p.file.Rules.SensitiveMetrics
		s.Settings.AllowedAnnotations = p.file.Rules.AllowedAnnotations
		s.Settings.AllowedWriters = p.file.Rules.AllowedWriters
		s.Settings.ManyServices = p.file.Rules.ManyServices
	}
	p.read = map[string]bool{}
	for _, f := range s.Files {
		p.read[absolute(f)] = true
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
