package files

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
)

// chartOf finds the chart whose values a document holds; "" where that is
// not clear. A field counts as evidence only if charts of other projects do
// not have it too: `helm create` alone writes a dozen fields that chart
// gateway has as well.
func chartOf(file string, root *document.Value) string {
	hint := hinted(file)
	if hint != "" && agrees(hint, root) {
		return hint
	}
	best, most := "", 0
	for _, chart := range []string{"istiod", "cni", "ztunnel", "base", "gateway"} {
		n := evidence(chart, root)
		if n == 0 || !plausible(facts.Chart(chart), root) {
			continue
		}
		// Between equals the chart that knows more of the fields wins.
		if n = n*1000 + knownFields(facts.Chart(chart), root); n > most {
			best, most = chart, n
		}
	}
	return best
}

// evidence counts the fields, down to the second level, that belong to the
// chart and hardly to a chart of another project.
func evidence(chart string, root *document.Value) int {
	n := 0
	if kind := root.Str("kind"); chart == "gateway" && (kind == "Deployment" || kind == "DaemonSet") {
		n++ // a workload without apiVersion is no object but the chart's choice
	}
	for _, f := range root.Fields() {
		if !schema.Ever(facts.Chart(chart), f.Name()) {
			continue
		}
		if f.Name() == "global" {
			n += globals(chart, f)
		} else if !slices.Contains(everyday(), f.Name()) {
			n += 1 + children(chart, f)
		} else if slices.Contains([]string{"base", "cni", "experimental", "repair", "telemetry"}, f.Name()) {
			n += children(chart, f)
		} else if istioOwn(f) {
			n++
		}
	}
	return n
}

func globals(chart string, global *document.Value) int {
	n := 0
	for _, f := range global.Fields() {
		if schema.Own(facts.Chart(chart), "global", f.Name()) && !slices.Contains(everyday(), f.Name()) {
			n++
		}
	}
	return n
}

func children(chart string, v *document.Value) int {
	n := 0
	for _, f := range v.Fields() {
		if schema.Ever(facts.Chart(chart), v.Name(), f.Name()) {
			n++
		}
	}
	return n
}

// istioOwn says whether an everyday field mentions Istio in a key or a value
// one level below, as labels and annotations of its gateways do.
func istioOwn(v *document.Value) bool {
	for _, f := range v.Fields() {
		if f.Name() == "istio" || strings.Contains(f.Name(), "istio.io/") {
			return true
		}
	}
	return false
}

// everyday lists fields that charts of any project have.
func everyday() []string {
	return []string{
		"affinity", "annotations", "autoscaling", "base", "cni", "cpu", "enabled", "env", "envVarFrom", "hub", "image", "imagePullPolicy",
		"imagePullSecrets", "initContainers", "kind", "labels", "lifecycle", "logging", "logLevel", "memory", "name", "network",
		"nodeSelector", "pdb", "platform", "podAnnotations", "podDisruptionBudget", "podLabels", "priorityClassName", "profile",
		"provider", "pullPolicy", "rbac", "readinessProbe", "repair", "replicaCount", "resources", "revision", "securityContext", "service",
		"serviceAccount", "serviceAnnotations", "strategy", "tag", "telemetry", "terminationGracePeriodSeconds", "tolerations",
		"topologySpreadConstraints", "updateStrategy", "variant", "volumeMounts", "volumes", "deploymentLabels", "dnsConfig", "dnsPolicy",
		"minReadySeconds", "experimental", "configMap", "additionalContainers", "deploymentAnnotations", "compatibilityVersion",
		"serviceAccountAnnotations", "seccompProfile", "global", "resourceName", "gateways", "proxy", "ipFamilies", "ipFamilyPolicy", "defaultResources",
	}
}

// hinted reads the chart out of a file's name or, for a plain values.yaml,
// of its folder's.
func hinted(file string) string {
	base := stem(file)
	if chart := named(base); chart != "" {
		return chart
	}
	if base == "values" || strings.HasPrefix(base, "values-") || strings.HasPrefix(base, "values.") {
		return named(filepath.Base(filepath.Dir(file)))
	}
	return ""
}

func stem(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), helmfileTemplate)
	return strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
}

func named(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune("-_. ", r) })
	has := func(any ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(any, w) })
	}
	switch {
	case has("istiod"), has("discovery") && has("istio", "values"):
		return "istiod"
	case has("ztunnel"):
		return "ztunnel"
	case has("cni") && has("istio", "values"):
		return "cni"
	case has("gateway", "ingressgateway", "egressgateway", "gw") && has("istio", "values"):
		return "gateway"
	case has("base") && has("istio", "values"):
		return "base"
	}
	return ""
}

// agrees says whether a document may be what its file is called: most of its
// fields are the chart's, or misspelt ones, and none is the mark of another
// project's chart.
func agrees(chart string, root *document.Value) bool {
	for _, mark := range []string{"nameOverride", "fullnameOverride", "ingress", "livenessProbe", "podSecurityContext", "deployment"} {
		if root.Field(mark) != nil {
			return false
		}
	}
	if root.Field("image").Field("repository") != nil {
		return false
	}
	return chart == "istiod" || chart == "ztunnel" || plausible(facts.Chart(chart), root)
}
