package scope

import (
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func ineffectivePatch() *rule.Rule {
	return &rule.Rule{
		ID: "SCP007", Name: "ineffective-patch", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.EnvoyFilters},
		Summary: "A patch of an EnvoyFilter has an operation that istiod does not do there, or stands relative to a filter that another EnvoyFilter adds at the same priority.",
		Why:     "istiod leaves the first one out without a word; the second one works only if the other EnvoyFilter happens to be older.",
		Fix:     "Use an operation that fits, and give the EnvoyFilter that builds on another one a higher priority.",
		Hints:   []string{"X1"}, Equivalents: []string{"IST0151", "IST0152", "IST0153", "IST0154", "IST0155"},
		Run: func(p *rule.Pass) {
			inserted := filtersAdded(p.EnvoyFilters)
			for _, f := range p.EnvoyFilters {
				for i, patch := range f.Spec.GetConfigPatches() {
					if patch.GetPatch() == nil {
						continue
					}
					at := snapshot.Place(f, fmt.Sprintf("spec.configPatches[%d].patch.operation", i))
					kind, operation := patch.GetApplyTo(), patch.GetPatch().GetOperation()
					if can := operations(kind); can != nil && !slices.Contains(can, operation) && operation != api.EnvoyFilter_Patch_INVALID {
						p.Reportf(at, "%s does nothing for %s; istiod does %s there", operation, kind, words(can))
						continue
					}
					if missingMatch(patch) {
						p.Reportf(at, "%s needs the name of a filter under match, and without one does nothing", operation)
						continue
					}
					if other := inserted.before(f, patch); other != nil {
						p.Reportf(at, "%s stands relative to filter %s, which %s adds at no lower priority; give this one a higher one", operation, filterName(patch), other.Name).Severity = finding.Warning
					}
				}
			}
			p.Lookedf("%s", finding.Count(len(p.EnvoyFilters), "EnvoyFilter"))
		},
	}
}

// operations are what istiod does to a part of Envoy's configuration; nil
// stands for all.
func operations(kind api.EnvoyFilter_ApplyTo) []api.EnvoyFilter_Patch_Operation {
	merges := []api.EnvoyFilter_Patch_Operation{api.EnvoyFilter_Patch_MERGE, api.EnvoyFilter_Patch_MERGE_AND_REPLACE_LIST}
	switch kind {
	case api.EnvoyFilter_LISTENER, api.EnvoyFilter_FILTER_CHAIN, api.EnvoyFilter_CLUSTER:
		return append(merges, api.EnvoyFilter_Patch_ADD, api.EnvoyFilter_Patch_REMOVE)
	case api.EnvoyFilter_ROUTE_CONFIGURATION:
		return merges
	case api.EnvoyFilter_VIRTUAL_HOST:
		return append(merges, api.EnvoyFilter_Patch_ADD, api.EnvoyFilter_Patch_REMOVE, api.EnvoyFilter_Patch_REPLACE)
	case api.EnvoyFilter_HTTP_ROUTE:
		return append(merges, api.EnvoyFilter_Patch_ADD, api.EnvoyFilter_Patch_REMOVE,
			api.EnvoyFilter_Patch_INSERT_FIRST, api.EnvoyFilter_Patch_INSERT_BEFORE, api.EnvoyFilter_Patch_INSERT_AFTER)
	case api.EnvoyFilter_EXTENSION_CONFIG:
		return []api.EnvoyFilter_Patch_Operation{api.EnvoyFilter_Patch_ADD}
	}
	return nil
}

func words(list []api.EnvoyFilter_Patch_Operation) string {
	var out []string
	for _, o := range list {
		if o != api.EnvoyFilter_Patch_MERGE_AND_REPLACE_LIST {
			out = append(out, o.String())
		}
	}
	return strings.Join(out, ", ")
}

// filterName is the filter that a patch is relative to.
func filterName(p *api.EnvoyFilter_EnvoyConfigObjectPatch) string {
	l := p.GetMatch().GetListener()
	switch p.GetApplyTo() {
	case api.EnvoyFilter_HTTP_FILTER:
		return l.GetFilterChain().GetFilter().GetSubFilter().GetName()
	case api.EnvoyFilter_NETWORK_FILTER:
		return l.GetFilterChain().GetFilter().GetName()
	case api.EnvoyFilter_LISTENER_FILTER:
		return l.GetListenerFilter()
	}
	return ""
}

func ofFilters(kind api.EnvoyFilter_ApplyTo) bool {
	return kind == api.EnvoyFilter_HTTP_FILTER || kind == api.EnvoyFilter_NETWORK_FILTER || kind == api.EnvoyFilter_LISTENER_FILTER
}

// missingMatch says whether a patch replaces or removes a filter and does not
// say which.
func missingMatch(p *api.EnvoyFilter_EnvoyConfigObjectPatch) bool {
	o := p.GetPatch().GetOperation()
	return ofFilters(p.GetApplyTo()) && filterName(p) == "" && (o == api.EnvoyFilter_Patch_REPLACE || o == api.EnvoyFilter_Patch_REMOVE)
}

// added are the EnvoyFilters that add a filter, by namespace, kind and name.
type added map[[3]string]*networking.EnvoyFilter

func filtersAdded(list []*networking.EnvoyFilter) added {
	out := added{}
	for _, f := range list {
		for _, p := range f.Spec.GetConfigPatches() {
			key := [3]string{f.Namespace, p.GetApplyTo().String(), newFilter(p)}
			if known := out[key]; key[2] != "" && (known == nil || mesh.Older(f, known) < 0) {
				out[key] = f
			}
		}
	}
	return out
}

// newFilter is the name of the filter that a patch adds; "" for none.
func newFilter(p *api.EnvoyFilter_EnvoyConfigObjectPatch) string {
	switch p.GetPatch().GetOperation() {
	case api.EnvoyFilter_Patch_ADD, api.EnvoyFilter_Patch_INSERT_FIRST, api.EnvoyFilter_Patch_INSERT_BEFORE, api.EnvoyFilter_Patch_INSERT_AFTER:
		if ofFilters(p.GetApplyTo()) {
			return p.GetPatch().GetValue().GetFields()["name"].GetStringValue()
		}
	}
	return ""
}

// adds says whether an EnvoyFilter itself adds a filter.
func adds(f *networking.EnvoyFilter, kind api.EnvoyFilter_ApplyTo, name string) bool {
	return slices.ContainsFunc(f.Spec.GetConfigPatches(), func(p *api.EnvoyFilter_EnvoyConfigObjectPatch) bool {
		return p.GetApplyTo() == kind && newFilter(p) == name
	})
}

// before is the other EnvoyFilter of the namespace that has to come first.
func (a added) before(f *networking.EnvoyFilter, p *api.EnvoyFilter_EnvoyConfigObjectPatch) *networking.EnvoyFilter {
	name := filterName(p)
	o := p.GetPatch().GetOperation()
	if name == "" || o == api.EnvoyFilter_Patch_ADD || o == api.EnvoyFilter_Patch_INSERT_FIRST {
		return nil
	}
	other := a[[3]string{f.Namespace, p.GetApplyTo().String(), name}]
	if other == nil || adds(f, p.GetApplyTo(), name) || other.Spec.GetPriority() < f.Spec.GetPriority() {
		return nil
	}
	return other
}
