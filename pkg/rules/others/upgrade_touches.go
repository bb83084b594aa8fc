package others

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func upgradeTouches() *rule.Rule {
	return &rule.Rule{
		ID: "PRE033", Name: "upgrade-touches-objects", Category: "Istio", Severity: finding.Warning,
		Stages:      []rule.Stage{rule.Precheck},
		Needs:       []snapshot.Part{snapshot.Configuration, snapshot.Running, snapshot.Touched},
		Summary:     "Objects in the cluster mean something else to the Istio minor to be installed than to the one that runs.",
		Why:         "Traffic changes with the upgrade although nobody touched the objects.",
		Fix:         "Change the objects first, or keep the old behaviour with the setting or the compatibilityVersion that the finding names.",
		Hints:       []string{"S1", "S4"},
		Equivalents: []string{"IST0169"},
		Run: func(p *rule.Pass) {
			if !p.Target.From.Known() {
				p.Lookedf("nothing runs yet")
				return
			}
			for _, c := range p.Configs {
				if !c.ComponentEnabled("pilot") {
					continue
				}
				for _, change := range facts.ObjectChanges(p.Target.From, c.Istio) {
					if !keeps(c, change.Change) {
						touch(p, c, change)
					}
				}
			}
			p.Lookedf("%d objects, from Istio %s", len(p.Touched), p.Target.From)
		},
	}
}

// keeps says whether the values keep the old behaviour, or choose.
func keeps(c *snapshot.Config, change facts.Change) bool {
	version := c.Values().Str("compatibilityVersion")
	if c.IsOperator() && version == "" {
		version = c.Root.Str("spec", "compatibilityVersion")
	}
	return change.Restores(c.Istio, version) || change.Setting != "" &&
		slices.ContainsFunc(c.Env(), func(e snapshot.Env) bool { return e.Name == change.Setting })
}

func touch(p *rule.Pass, c *snapshot.Config, change facts.ObjectChange) {
	var kind []*unstructured.Unstructured
	for _, o := range p.Touched {
		if gvk := o.GroupVersionKind(); gvk.Group == change.Group && gvk.Kind == change.Kind {
			kind = append(kind, o)
		}
	}
	var names []string
	for _, o := range concerned(change.ID, kind) {
		names = append(names, o.GetNamespace()+"/"+o.GetName())
	}
	if len(names) == 0 {
		return
	}
	keep := ""
	if compat := p.Target.From.String(); change.Restores(c.Istio, compat) {
		keep = fmt.Sprintf("; set compatibilityVersion to %q to keep what was", compat)
	} else if e, ok := facts.EnvVar(change.Setting); ok && change.Setting != "" && e.In(c.Istio) {
		keep = fmt.Sprintf("; set %s=%s for istiod to keep what was", change.Setting, change.Value)
	}
	p.Reportf(finding.Location{Object: change.Kind + "/" + slices.Min(names)}, "since Istio %s %s%s: %s %s", change.In, change.What, keep, change.Kind, rule.Some(names))
}

// concerned picks the objects that a change is about.
func concerned(id string, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	if id == "C124-DESTINATIONRULE-MERGE" || id == "C130-SE-NAMESPACE" {
		return contested(id, objects)
	}
	return slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !concerns(id, o) })
}

func concerns(id string, o *unstructured.Unstructured) bool {
	spec, _, _ := unstructured.NestedMap(o.Object, "spec")
	resolution, _ := spec["resolution"].(string)
	unresolved := resolution == "" || resolution == "NONE"
	switch id {
	case "C122-NONE-TARGETPORT":
		return unresolved && each(spec, "ports", func(port map[string]any) bool {
			return port["targetPort"] != nil && port["targetPort"] != port["number"]
		})
	case "C122-AMBIENT-WAYPOINT":
		return spec["gatewayClassName"] == "istio-waypoint" && o.GetAnnotations()["istio.io/for-service-account"] != ""
	case "C124-GATEWAY-NAME-LABEL":
		return selects(spec, "selector", "matchLabels") || selects(spec, "workloadSelector", "labels")
	case "C124-TELEMETRY-CEL":
		return oldExpression(spec)
	case "C125-IP-AUTOALLOCATE":
		addresses, _ := spec["addresses"].([]any)
		return !unresolved && len(addresses) == 0 && o.GetLabels()["networking.istio.io/enable-autoallocate-ip"] != "false"
	case "C128-SHADOW-HOST":
		return each(spec, "http", func(route map[string]any) bool { return route["mirror"] != nil || route["mirrors"] != nil })
	case "C131-WORKLOADENTRY-HBONE":
		return o.GetAnnotations()["istio.io/autoRegistrationGroup"] != "" && o.GetLabels()["networking.istio.io/tunnel"] == ""
	}
	return false
}

func each(spec map[string]any, field string, yes func(map[string]any) bool) bool {
	list, _ := spec[field].([]any)
	return slices.ContainsFunc(list, func(item any) bool { m, ok := item.(map[string]any); return ok && yes(m) })
}

func selects(spec map[string]any, path ...string) bool {
	labels, _, _ := unstructured.NestedStringMap(spec, path...)
	return labels["istio.io/gateway-name"] != ""
}

// oldExpression looks for attributes of the old extensions in any text.
func oldExpression(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if oldExpression(item) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, oldExpression)
	case string:
		for _, old := range []string{"wasm.downstream_peer", "wasm.upstream_peer", "istio_responseClass"} {
			if strings.Contains(v, old) {
				return true
			}
		}
		return strings.HasPrefix(v, "node.metadata") || strings.Contains(v, " node.metadata")
	}
	return false
}

// contested picks objects that speak of one host: ServiceEntries in several
// namespaces, DestinationRules of one namespace with different exportTo.
func contested(id string, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	byHost, sides := map[string][]*unstructured.Unstructured{}, map[string]map[string]bool{}
	add := func(host, side string, o *unstructured.Unstructured) {
		if sides[host] == nil {
			sides[host] = map[string]bool{}
		}
		byHost[host], sides[host][side] = append(byHost[host], o), true
	}
	for _, o := range objects {
		exports, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "exportTo")
		if id == "C124-DESTINATIONRULE-MERGE" {
			host, _, _ := unstructured.NestedString(o.Object, "spec", "host")
			slices.Sort(exports)
			add(o.GetNamespace()+"/"+host, strings.Join(exports, ","), o)
			continue
		}
		hosts, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "hosts")
		for _, host := range hosts {
			if !slices.Equal(exports, []string{"."}) {
				add(host, o.GetNamespace(), o)
			}
		}
	}
	var out []*unstructured.Unstructured
	for host, list := range byHost {
		if len(sides[host]) > 1 {
			out = append(out, list...)
		}
	}
	return out
}
