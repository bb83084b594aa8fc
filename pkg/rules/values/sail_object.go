package values

import (
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
)

// sail judges an object of the Sail operator by its API, v1: the API server
// drops fields that are not in it and refuses texts that are not in its lists.
func (o objects) sail() {
	w := o.c.Wrapper
	if !strings.HasPrefix(w.Object.Str("apiVersion"), "sailoperator.io/") {
		return
	}
	spec := w.Object.Field("spec")
	o.only(spec, sailFields(w.Kind))
	o.only(spec.Field("updateStrategy"), []string{"type", "inactiveRevisionDeletionGracePeriodSeconds", "updateWorkloads"})
	o.among(spec.At("updateStrategy", "type"), []string{"InPlace", "RevisionBased"})
	o.among(spec.Field("profile"), []string{"ambient", "default", "demo", "empty", "external", "openshift", "openshift-ambient", "preview", "remote", "stable"})
	o.sailVersion(spec.Field("version"))
	o.sailValues(spec.Field("values"))
}

func sailFields(kind string) []string {
	switch kind {
	case "Istio":
		return []string{"version", "namespace", "values", "profile", "updateStrategy"}
	case "IstioRevision":
		return []string{"version", "namespace", "values"}
	case "ZTunnel":
		return []string{"version", "namespace", "values", "profile", "targetRef"} // profile until v1alpha1
	}
	return []string{"version", "namespace", "values", "profile"}
}

// only reports fields that the API does not have.
func (o objects) only(v *document.Value, known []string) {
	for _, f := range v.Fields() {
		if slices.Contains(known, f.Name()) {
			continue
		}
		hint := ""
		if meant := schema.Suggest(f.Name(), known); meant != "" {
			hint = `, did you mean "` + meant + `"?`
		}
		o.report(f.Key(), "%s: Sail's API has no field %q%s", o.c.Name(), f.Path(), hint)
	}
}

// among reports a text that is not in a list of the API.
func (o objects) among(v *document.Value, known []string) {
	if v == nil || v.Kind == document.Null || v.Placeholder() != "" || slices.Contains(known, v.Text) {
		return
	}
	hint := ""
	if meant := schema.Suggest(v.Text, known); meant != "" {
		hint = `; did you mean "` + meant + `"?`
	}
	o.report(v, "%s: Sail's API refuses %s %q, want one of %s%s", o.c.Name(), v.Name(), v.Text, strings.Join(known, ", "), hint)
}

var (
	withoutV     = regexp.MustCompile(`^[0-9]+\.[0-9]+`)
	withoutPatch = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)
)

// sailVersion knows the forms of the versions: which of them there are depends
// on the operator.
func (o objects) sailVersion(v *document.Value) {
	switch {
	case v == nil || v.Placeholder() != "":
	case withoutPatch.MatchString(v.Text):
		o.report(v, "%s: Sail's API refuses version %q, which needs a patch: write %s-latest, or %s.0 and the like", o.c.Name(), v.Text, v.Text, v.Text)
	case withoutV.MatchString(v.Text):
		o.report(v, "%s: Sail's API refuses version %q, its versions begin with a v: write v%s", o.c.Name(), v.Text, v.Text)
	}
}

// sailValues reports values in the form that Helm takes at the root: Sail's
// API has those of a component below its name only.
func (o objects) sailValues(values *document.Value) {
	known, below := sailRoots(o.c.Chart)
	for _, f := range values.Fields() {
		if slices.Contains(known, f.Name()) || !schema.Ever(facts.Chart(o.c.Chart), f.Name()) {
			continue // the chart does not know the others either, which is another rule's
		}
		hint := ""
		if below != "pilot" || schema.Ever(facts.Values, below, f.Name()) {
			hint = ": write values." + below + "." + f.Name()
		}
		o.report(f.Key(), "%s: Sail's API drops %q, which it does not have%s", o.c.Name(), f.Path(), hint)
	}
}

// sailRoots are the fields at the root of the values, and the one for the
// component's own.
func sailRoots(chart string) (known []string, below string) {
	switch chart {
	case "cni":
		return []string{"cni", "global"}, "cni"
	case "ztunnel":
		return []string{"ztunnel", "global"}, "ztunnel"
	}
	return []string{
		"global", "pilot", "telemetry", "sidecarInjectorWebhook", "revision", "meshConfig", "base", "istiodRemote", "defaultRevision",
		"profile", "compatibilityVersion", "experimental", "gatewayClasses",
	}, "pilot"
}
