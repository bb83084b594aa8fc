package ambient

import (
	"fmt"

	selectors "istio.io/api/type/v1beta1"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func targetWithoutWaypoint() *rule.Rule {
	return &rule.Rule{
		ID: "AMB007", Name: "target-without-waypoint", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{
			snapshot.Namespaces, snapshot.Services, snapshot.ServiceEntries, snapshot.KubernetesGateways,
			snapshot.AuthorizationPolicies, snapshot.RequestAuths, snapshot.WasmPlugins, snapshot.Telemetries, snapshot.TrafficExtensions,
		},
		Summary:     "A policy names in targetRefs a Service without a waypoint, or something that is not there.",
		Why:         "Only waypoints obey policies of Services, and sidecars and ztunnel none that have targetRefs, so that nobody enforces it.",
		Fix:         "Label the Service or its namespace istio.io/use-waypoint, or correct the name.",
		Equivalents: []string{"KIA0109", "KIA1110", "KIA1111", "KIA1112"},
		Run: func(p *rule.Pass) {
			x := newNamed(p)
			for _, o := range p.AuthorizationPolicies {
				x.judge(o, &o.Spec, finding.Error)
			}
			for _, o := range p.RequestAuths {
				x.judge(o, &o.Spec, finding.Error)
			}
			for _, o := range p.WasmPlugins {
				x.judge(o, &o.Spec, finding.Warning)
			}
			for _, o := range p.Telemetries {
				x.judge(o, &o.Spec, finding.Warning)
			}
			for _, o := range p.TrafficExtensions {
				x.judge(o, extension{&o.Spec}, finding.Warning)
			}
			p.Lookedf("%s, each of something that obeys it", finding.Count(x.looked, "target"))
		},
	}
}

// extension is a TrafficExtension, which has no single target.
type extension struct {
	spec interface {
		GetTargetRefs() []*selectors.PolicyTargetReference
	}
}

func (extension) GetTargetRef() *selectors.PolicyTargetReference { return nil }
func (e extension) GetTargetRefs() []*selectors.PolicyTargetReference {
	return e.spec.GetTargetRefs()
}

// named are what targetRefs may name, by namespace/name.
type named struct {
	*rule.Pass
	mesh     *mesh.Mesh
	services map[string]*corev1.Service
	entries  map[string]*networking.ServiceEntry
	looked   int
}

func newNamed(p *rule.Pass) *named {
	x := &named{Pass: p, mesh: mesh.Of(p.Snapshot), services: map[string]*corev1.Service{}, entries: map[string]*networking.ServiceEntry{}}
	for _, s := range p.Services {
		x.services[s.Namespace+"/"+s.Name] = s
	}
	for _, e := range p.ServiceEntries {
		x.entries[e.Namespace+"/"+e.Name] = e
	}
	return x
}

// judge reports the first target of a policy at which nobody obeys it.
func (x *named) judge(o snapshot.Object, policy interface {
	GetTargetRef() *selectors.PolicyTargetReference
	GetTargetRefs() []*selectors.PolicyTargetReference
}, severity finding.Severity,
) {
	for i, ref := range mesh.Targets(policy) {
		if n := ref.GetNamespace(); n != "" && n != o.GetNamespace() {
			continue // Istio's own validation speaks of it
		}
		x.looked++
		text := x.fault(o.GetNamespace(), ref)
		if text == "" {
			continue
		}
		path := fmt.Sprintf("spec.targetRefs[%d].name", i)
		if policy.GetTargetRef() != nil && len(policy.GetTargetRefs()) == 0 {
			path = "spec.targetRef.name"
		}
		x.Reportf(snapshot.Place(o, path), "%s", text).Severity = severity
		return
	}
}

// fault says why nobody obeys a policy at a target; "" if somebody may.
func (x *named) fault(namespace string, ref *selectors.PolicyTargetReference) string {
	key := namespace + "/" + ref.GetName()
	switch kind := ref.GetGroup() + "/" + ref.GetKind(); kind {
	case "/Service", "core/Service":
		if s := x.services[key]; s != nil {
			return x.unserved("Service", key, s.Labels, namespace)
		}
		return x.absent("Service", key, snapshot.Sole)
	case "networking.istio.io/ServiceEntry":
		if e := x.entries[key]; e != nil {
			return x.unserved("ServiceEntry", key, e.Labels, namespace)
		}
		return x.absent("ServiceEntry", key, snapshot.Whole)
	case "gateway.networking.k8s.io/Gateway":
		if x.mesh.KubernetesGateway(namespace, ref.GetName()) == nil {
			return x.absent("Gateway", key, snapshot.Whole)
		}
	}
	return ""
}

func (x *named) unserved(kind, key string, labels map[string]string, namespace string) string {
	if _, asked := x.mesh.WaypointOf(labels, namespace); asked != mesh.No {
		return ""
	}
	return fmt.Sprintf("%s %s uses no waypoint, so that nobody obeys this; label it or its namespace istio.io/use-waypoint", kind, key)
}

func (x *named) absent(kind, key string, needs snapshot.Part) string {
	if all, reason := x.Has(needs); !all {
		x.Undecidedf("%s", reason)
		return ""
	}
	return fmt.Sprintf("there is no %s %s, so that nobody obeys this; correct the name", kind, key)
}
