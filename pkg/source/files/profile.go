package files

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/profiles"
)

// profile is the configuration below all files: one of meshctl's own
// profiles, or an IstioOperator that names one of istioctl's. It is nil where
// none is asked for.
func (o Options) profile() (*snapshot.Config, error) {
	if o.Profile == "" {
		return nil, nil
	}
	if o.Chart != "" {
		return nil, usagef("--profile is for IstioOperators; values of chart %s select a profile by themselves: --set profile=NAME", o.Chart)
	}
	if data, ok := profiles.YAML(o.Profile); ok {
		return &snapshot.Config{Root: document.Parse("(profile "+o.Profile+")", data)[0].Root}, nil
	}
	istio := o.Istio
	if !istio.Known() {
		istio = facts.Embedded()
	}
	known := append(profiles.Names(), facts.Names("istioctl", facts.Profile, istio)...)
	slices.Sort(known)
	known = slices.Compact(known)
	if !slices.Contains(known, o.Profile) {
		if meant := schema.Suggest(o.Profile, known); meant != "" {
			return nil, usagef("--profile: unknown profile %q, did you mean %q?", o.Profile, meant)
		}
		return nil, usagef("--profile: unknown profile %q, want one of %s", o.Profile, strings.Join(known, ", "))
	}
	c := blank("")
	named := document.FromGo(map[string]any{"spec": map[string]any{"profile": o.Profile}}, finding.Location{File: "--profile " + o.Profile})
	c.Root = document.Merge(c.Root, named)
	return c, nil
}

// layOver lays what the files say over the profile.
func layOver(profile *snapshot.Config, configs []*snapshot.Config, name string) ([]*snapshot.Config, error) {
	if profile == nil {
		return configs, nil
	}
	for _, c := range configs {
		if !c.IsOperator() {
			return nil, usagef("--profile is for IstioOperators; %s select a profile by themselves: --set profile=NAME", c.Name())
		}
		if own := c.Root.At("spec", "profile"); own != nil && own.Text != "" && own.Text != profile.Root.Str("spec", "profile") {
			return nil, usagef("--profile %s: %s names spec.profile %q; give the profile in one place", name, own.Location(), own.Text)
		}
		c.Root = document.Merge(profile.Root, withoutEmptySpec(c))
	}
	return configs, nil
}
