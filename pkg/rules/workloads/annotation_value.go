package workloads

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"istio.io/api/annotation"
	"istio.io/istio/pkg/kube/inject"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
)

func annotationValue() *rule.Rule {
	return &rule.Rule{
		ID: "ANN004", Name: "annotation-value", Category: annotations, Severity: finding.Error,
		Stages: analyze(), Needs: annotatedParts(),
		Summary: "An annotation of Istio has a value that Istio does not take.",
		Why:     "The injector refuses pods for most of them, so that none is made; the others are left out without a word.",
		Fix:     "Correct the value.",
		Hints:   []string{"S10"}, Equivalents: []string{"IST0125"},
		Run: func(p *rule.Pass) {
			m, looked := mesh.Of(p.Snapshot), 0
			for _, a := range everything(m) {
				if a.workload != nil && m.HasSidecar(a.workload) == mesh.No && m.InAmbient(a.workload) != mesh.Yes {
					continue // nobody reads them
				}
				for _, name := range a.istio {
					if def := known()[name]; def == nil || len(standsOn(def)) > 0 && !slices.Contains(standsOn(def), a.kind) {
						continue // it does nothing there
					}
					looked++
					value := a.values[name]
					if check := inject.AnnotationValidation[name]; check != nil && name != annotation.ProxyConfig.Name {
						if err := check(value); err != nil {
							p.Reportf(a.at(name), "annotation %s has the value %q, for which the injector refuses the pods: %s; correct it", name, value, oneLine(err))
						}
						continue
					}
					if err := ignoredValue(name, value); err != nil {
						f := p.Reportf(a.at(name), "annotation %s has the value %q, which is left out: %s", name, value, oneLine(err))
						f.Severity = finding.Warning
					}
				}
				if value, ok := a.labels[mesh.InjectLabel]; ok && a.kind == "Pod" && value != "true" && value != "false" && value != "" {
					f := p.Reportf(a.in("labels", mesh.InjectLabel), "label %s has the value %q, which is left out: want \"true\" or \"false\"", mesh.InjectLabel, value)
					f.Severity = finding.Warning
				}
			}
			p.Lookedf("%s of Istio", finding.Count(looked, "annotation"))
		},
	}
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// ignoredValue says what is wrong with a value that Istio leaves out; nil if it
// takes it.
func ignoredValue(name, value string) error {
	switch name {
	case annotation.SidecarInject.Name, annotation.SidecarNativeSidecar.Name:
		return oneOf(value, "true", "false")
	case annotation.SidecarRewriteAppHTTPProbers.Name, annotation.AmbientBypassInboundCapture.Name, annotation.AmbientDnsCapture.Name:
		if _, err := strconv.ParseBool(value); err != nil {
			return errors.New("want true or false")
		}
	case annotation.SidecarUserVolume.Name, annotation.SidecarUserVolumeMount.Name:
		return volumes(value)
	case annotation.TrafficNodeSelector.Name:
		if json.Unmarshal([]byte(value), &map[string]string{}) != nil {
			return errors.New("want a JSON object of labels")
		}
	case annotation.SidecarStatsFlushInterval.Name, annotation.SidecarStatsEvictionInterval.Name:
		if _, err := time.ParseDuration(value); err != nil {
			return errors.New("want a duration such as 10s")
		}
	case annotation.NetworkingTrafficDistribution.Name:
		return distribution(value)
	case annotation.IoIstioUseWaypointCanaryWeight.Name:
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 100 {
			return errors.New("want a number from 0 to 100")
		}
	}
	return nil
}

// volumes are an object by name. A list works too, if its items have names:
// the template writes the number of the item for its name, and the item's own
// name after it, which wins.
func volumes(value string) error {
	if json.Unmarshal([]byte(value), &map[string]any{}) == nil {
		return nil
	}
	var list []struct{ Name string }
	if json.Unmarshal([]byte(value), &list) != nil {
		return errors.New("want a JSON object, with the names of volumes as its fields")
	}
	if slices.ContainsFunc(list, func(item struct{ Name string }) bool { return item.Name == "" }) {
		return errors.New("an item of the list has no name; want a JSON object, with the names of volumes as its fields")
	}
	return nil
}

func distribution(value string) error {
	for _, ok := range []string{"PreferClose", "PreferSameZone", "PreferSameNode"} {
		if strings.EqualFold(ok, value) {
			return nil
		}
	}
	return errors.New("want PreferClose, PreferSameZone or PreferSameNode")
}

func oneOf(value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("want %s", strings.Join(allowed, " or "))
}
