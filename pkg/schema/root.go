package schema

import (
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// CheckRoot reports what stands beside the spec of an IstioOperator, and in
// its metadata, without being part of a Kubernetes object. istioctl refuses
// such a file as a whole.
func CheckRoot(root *document.Value, istio facts.Minor) []Issue {
	var out []Issue
	top := []string{"apiVersion", "kind", "metadata", "spec"}
	for _, f := range root.Fields() {
		if !slices.Contains(top, f.Name()) && document.Expression(f.Name()) == "" {
			out = append(out, strayField(f, top, istio))
		}
	}
	for _, f := range root.Field("metadata").Fields() {
		if !slices.Contains(objectMeta(), f.Name()) && document.Expression(f.Name()) == "" {
			out = append(out, strayField(f, objectMeta(), istio))
		}
	}
	return out
}

func strayField(f *document.Value, candidates []string, istio facts.Minor) Issue {
	message := fmt.Sprintf("unknown field %q", f.Path())
	suggestion, home := "", ""
	if _, known := lookup(facts.Spec, istio, f.Name()); known && f.Path() == f.Name() {
		home = "spec." + f.Name()
		message += "; move it to " + home
	} else if suggestion = Suggest(f.Name(), candidates); suggestion != "" {
		message += fmt.Sprintf(", did you mean %q?", suggestion)
	}
	return Issue{
		Class: Unknown, Value: f, Surface: facts.Spec, Message: message,
		Suggestion: suggestion, certain: certain(f.Name(), suggestion, candidates), home: home,
	}
}

// objectMeta lists the fields of metav1.ObjectMeta.
func objectMeta() []string {
	return []string{
		"annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
		"generation", "labels", "managedFields", "name", "namespace", "ownerReferences", "resourceVersion", "selfLink", "uid",
	}
}
