package rendered

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func objectNames() *rule.Rule {
	return &rule.Rule{
		ID: "MAN004", Name: "object-names", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "A rendered object has a name, a namespace or a label that Kubernetes refuses.",
		Why:     "The API server refuses the object, and the installation stops half-way.",
		Fix:     "Use lower-case letters, digits and dashes, at most 63 of them.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, single(nameProblems)) },
	}
}

func nameProblems(o *unstructured.Unstructured) []problem {
	var out []problem
	bad := func(path, text, what string, faults []string) {
		if len(faults) > 0 {
			out = append(out, problem{path: path, text: text, severity: finding.Error,
				message: fmt.Sprintf("%s %q: %s", what, cut(text), plain(faults[0]))})
		}
	}
	if !nameless(o) {
		bad("metadata.name", o.GetName(), "name", nameFaults(o.GetKind(), o.GetName()))
	}
	if ns := o.GetNamespace(); ns != "" {
		bad("metadata.namespace", ns, "namespace", validation.IsDNS1123Label(ns))
	}
	for _, at := range [][]string{{"metadata", "labels"}, {"spec", "template", "metadata", "labels"}, {"spec", "selector", "matchLabels"}} {
		labels, _, err := unstructured.NestedStringMap(o.Object, at...)
		if err != nil {
			continue // a wrong type, which is reported elsewhere
		}
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			path := strings.Join(at, ".")
			bad(path+"."+key, key, "label key", validation.IsQualifiedName(key))
			bad(path+"."+key, labels[key], "label "+key+" has the value", validation.IsValidLabelValue(labels[key]))
		}
	}
	return append(out, annotationProblems(o)...)
}

// nameless says whether an object is that of a gateway without a name, which
// a rule about values reports once for all of its objects.
func nameless(o *unstructured.Unstructured) bool {
	component := o.GetLabels()["operator.istio.io/component"]
	return strings.HasSuffix(component, "Gateways") && (o.GetName() == "" || o.GetName() == "-service-account")
}

func annotationProblems(o *unstructured.Unstructured) []problem {
	var out []problem
	for _, at := range [][]string{{"metadata", "annotations"}, {"spec", "template", "metadata", "annotations"}} {
		annotations, _, err := unstructured.NestedStringMap(o.Object, at...)
		if err != nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(annotations)) {
			if faults := validation.IsQualifiedName(strings.ToLower(key)); len(faults) > 0 {
				out = append(out, problem{path: strings.Join(at, ".") + "." + key, text: key, severity: finding.Error,
					message: fmt.Sprintf("annotation key %q: %s", cut(key), plain(faults[0]))})
			}
		}
	}
	return out
}

// nameFaults follows the API server: a Service has the name of a host, a
// workload's goes into the label values of its pods, and RBAC objects take
// almost anything.
func nameFaults(kind, name string) []string {
	switch kind {
	case "Service":
		return validation.IsDNS1035Label(name)
	case "Namespace":
		return validation.IsDNS1123Label(name)
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		if strings.ContainsAny(name, "/%") || name == "." || name == ".." || name == "" {
			return []string{"it may hold neither / nor %"}
		}
		return nil
	}
	return validation.IsDNS1123Subdomain(name)
}

// plain is Kubernetes' message without its example and its expression.
func plain(fault string) string {
	text, _, _ := strings.Cut(fault, " (e.g.")
	return text
}
