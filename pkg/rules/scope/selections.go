package scope

import (
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// selection is an object with the labels of the workloads that it is for.
type selection struct {
	object snapshot.Object
	path   string
	labels map[string]string
	// everywhere says that in the root namespace it is for workloads of all.
	everywhere bool
}

// selections are the objects with a selector, whatever their kind.
func selections(p *rule.Pass) []selection {
	var out []selection
	add := func(o snapshot.Object, path string, labels map[string]string, everywhere bool) {
		if len(labels) > 0 {
			out = append(out, selection{o, path, labels, everywhere})
		}
	}
	for _, o := range p.Sidecars {
		add(o, "spec.workloadSelector", o.Spec.GetWorkloadSelector().GetLabels(), false)
	}
	for _, o := range p.DestinationRules {
		add(o, "spec.workloadSelector", o.Spec.GetWorkloadSelector().GetMatchLabels(), false)
	}
	for _, o := range p.ServiceEntries {
		add(o, "spec.workloadSelector", o.Spec.GetWorkloadSelector().GetLabels(), false)
	}
	for _, o := range p.EnvoyFilters {
		add(o, "spec.workloadSelector", o.Spec.GetWorkloadSelector().GetLabels(), true)
	}
	for _, o := range p.AuthorizationPolicies {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	for _, o := range p.PeerAuthentications {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	for _, o := range p.RequestAuths {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	for _, o := range p.Telemetries {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	for _, o := range p.WasmPlugins {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	for _, o := range p.ProxyConfigs {
		add(o, "spec.selector", o.Spec.GetSelector().GetMatchLabels(), true)
	}
	return out
}

// labelled finds what has labels, in a namespace or, with "", anywhere.
type labelled map[[3]string][]map[string]string

// add takes what runs in a namespace under labels.
func (l labelled) add(namespace string, labels map[string]string) {
	for k, v := range labels {
		for _, space := range []string{"", namespace} {
			key := [3]string{space, k, v}
			l[key] = append(l[key], labels)
		}
	}
}

// any says whether something has all the labels. Only what has the rarest one
// is looked at.
func (l labelled) any(namespace string, labels map[string]string) bool {
	var rarest []map[string]string
	first := true
	for k, v := range labels {
		if list := l[[3]string{namespace, k, v}]; first || len(list) < len(rarest) {
			rarest, first = list, false
		}
	}
	for _, have := range rarest {
		if mesh.Has(have, labels) {
			return true
		}
	}
	return false
}
