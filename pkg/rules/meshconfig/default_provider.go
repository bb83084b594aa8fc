package meshconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
)

func defaultProvider() *rule.Rule {
	return &rule.Rule{
		ID: "VAL042", Name: "default-provider", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "defaultProviders names a provider that does not exist or cannot do what the list is for.",
		Why:     "istiod skips the name without a word, so the mesh has no traces, metrics or access logs.",
		Fix:     "Add the provider to extensionProviders, or name one of those that are there.",
		Hints:   []string{"O1", "O3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				known := providers(c.Mesh())
				for _, list := range c.Mesh().Field("defaultProviders").Fields() {
					for i, name := range list.Items() {
						referred(p, name, list.Name(), known, c.Complete())
						if i == 1 && list.Name() == "tracing" {
							f := p.Reportf(name, "only the first tracing provider is used, so %q gets no spans", name.Text)
							f.Severity = finding.Warning
						}
					}
				}
			}
		},
	}
}

// referred checks one name of a list of defaultProviders.
func referred(p *rule.Pass, name *document.Value, purpose string, known []*document.Value, complete bool) {
	if name.Kind != document.String || name.Placeholder() != "" {
		return
	}
	kinds, unsure := kindsOf(name.Text, known)
	switch {
	case unsure || slices.ContainsFunc(kinds, func(k string) bool { return serves(k, purpose) }):
	case kinds == nil && !complete:
		p.Undecidedf("%q may be a provider in a part of the values that is not seen", name.Text)
	case kinds == nil:
		f := p.Reportf(name, "no provider is named %q; known are %s", name.Text, strings.Join(names(known), ", "))
		if meant, sure := schema.Meant(name.Text, names(known)); sure {
			f.Propose(name.Replace(meant, document.String), "write %s", meant)
		}
	case len(purposes()[purpose]) > 0 && len(kinds) > 0:
		p.Reportf(name, "provider %q is of kind %s, which does no %s", name.Text, kinds[0], purpose)
	}
}

// kindsOf returns the kinds that a provider has, nil if there is no such
// provider. Telemetry finds providers whatever their case is. It is unsure
// where a name or a kind is not known.
func kindsOf(name string, known []*document.Value) (kinds []string, unsure bool) {
	for _, item := range known {
		switch {
		case item.Field("name").Placeholder() != "":
			unsure = true
		case strings.EqualFold(item.Str("name"), name):
			kinds = []string{}
			for _, f := range item.Fields() {
				if f.Name() != "name" {
					kinds = append(kinds, f.Name())
					unsure = unsure || providerKind(f.Name()) == nil
				}
			}
			return kinds, unsure
		}
	}
	for built, kind := range builtIn() {
		if strings.EqualFold(built, name) {
			return []string{kind}, false
		}
	}
	return nil, unsure
}

func names(known []*document.Value) []string {
	out := slices.Collect(maps.Keys(builtIn()))
	for _, item := range known {
		if n := item.Str("name"); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
