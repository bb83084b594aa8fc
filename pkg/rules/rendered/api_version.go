package rendered

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func apiVersion() *rule.Rule {
	return &rule.Rule{
		ID: "MAN002", Name: "api-version-removed", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "An object has an API version that the target Kubernetes version does not serve, or will soon no longer.",
		Why:     "The API server refuses such an object, and the installation stops half-way.",
		Fix:     "Use the API version that the finding names, or charts of an Istio release that supports the cluster's version.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			target := oldest(p.Target.Istio)
			if v, err := facts.ParseMinor(p.Target.Kubernetes); err == nil {
				target = v
			}
			each(p, single(func(o *unstructured.Unstructured) []problem { return served(o, target) }))
		},
	}
}

// oldest is the first Kubernetes version that an Istio minor runs on.
func oldest(istio facts.Minor) facts.Minor {
	r, _ := facts.ReleaseOf(istio)
	return r.Minimum
}

// removed, deprecated and replaced are what Kubernetes generates on the types
// of versions that are not for ever.
type (
	removed    interface{ APILifecycleRemoved() (major, minor int) }
	deprecated interface {
		APILifecycleDeprecated() (major, minor int)
	}
)

// served judges an API version by what Kubernetes' own types say about it.
func served(o *unstructured.Unstructured, target facts.Minor) []problem {
	gvk := o.GroupVersionKind()
	if !types().IsGroupRegistered(gvk.Group) {
		return nil // a custom resource
	}
	at := problem{path: "apiVersion", text: o.GetAPIVersion(), severity: finding.Error}
	typed, err := types().New(gvk)
	if err != nil {
		if !anyVersion(gvk.Group, gvk.Kind) {
			return nil // a kind that Istio does not install; nothing is known of it
		}
		at.message = fmt.Sprintf("no supported Kubernetes version serves %s %s%s", o.GetAPIVersion(), gvk.Kind, instead(gvk.Group, gvk.Kind))
		return []problem{at}
	}
	if r, ok := typed.(removed); ok {
		if v := minor(r.APILifecycleRemoved()); !target.Before(v) {
			at.message = fmt.Sprintf("Kubernetes %s no longer serves %s %s, removed in %s%s", target, o.GetAPIVersion(), gvk.Kind, v, instead(gvk.Group, gvk.Kind))
			return []problem{at}
		}
	}
	if d, ok := typed.(deprecated); ok {
		if v := minor(d.APILifecycleDeprecated()); !target.Before(v) {
			at.severity = finding.Warning
			at.message = fmt.Sprintf("%s %s is deprecated since Kubernetes %s%s", o.GetAPIVersion(), gvk.Kind, v, instead(gvk.Group, gvk.Kind))
			return []problem{at}
		}
	}
	return nil
}

func minor(major, m int) facts.Minor { return facts.Minor{Major: major, Minor: m} }

func anyVersion(group, kind string) bool { return instead(group, kind) != "" }

// instead names the version of a kind that stays; "" where there is none.
func instead(group, kind string) string {
	for _, v := range slices.Backward(types().PrioritizedVersionsForGroup(group)) {
		typed, err := types().New(v.WithKind(kind))
		if err != nil {
			continue
		}
		if _, ends := typed.(removed); !ends {
			return "; use " + v.String()
		}
	}
	return ""
}
