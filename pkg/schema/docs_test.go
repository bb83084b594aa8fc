package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/schema"
)

type described struct {
	Ref         string               `json:"$ref"`
	Description string               `json:"description"`
	Deprecated  bool                 `json:"deprecated"`
	Properties  map[string]described `json:"properties"`
	Definitions map[string]described `json:"definitions"`
}

func (d described) at(root described, path ...string) described {
	for _, name := range path {
		if d.Ref != "" {
			d = root.Definitions[strings.TrimPrefix(d.Ref, "#/definitions/")]
		}
		d = d.Properties[name]
	}
	return d
}

// TestFieldsAreDescribed wants the comments of Istio's and Kubernetes' types
// and of the charts in the schemas for editors, and few fields without one.
func TestFieldsAreDescribed(t *testing.T) {
	for s, wants := range map[facts.Surface]map[string]string{
		facts.Spec: {
			"spec.hub":                                                   "Root for docker image paths",
			"spec.meshConfig":                                            "Config used by control plane",
			"spec.meshConfig.proxyListenPort":                            "Port on which Envoy should listen",
			"spec.meshConfig.connect_timeout":                            "Connection timeout used by Envoy",
			"spec.meshConfig.defaultConfig":                              "",
			"spec.components.pilot.k8s.overlays":                         "Overlays for Kubernetes resources",
			"spec.components.pilot.k8s.affinity":                         "Kubernetes affinity",
			"spec.components.cni.k8s.readinessProbe":                     "Kubernetes readinessProbe settings",
			"spec.components.cni.k8s.readinessProbe.initialDelaySeconds": "Number of seconds after the container has started",
			"spec.values.pilot.env":                                      "Environment variables passed to the Pilot container",
			"spec.values.global.istioNamespace":                          "Specifies the default namespace for the Istio control plane components",
		},
		facts.Chart("istiod"): {
			"traceSampling":                             "",
			"pilot.trustedZtunnelName":                  "Set this if you install ztunnel with a name different",
			"trustedZtunnelName":                        "Set this if you install ztunnel with a name different",
			"meshConfig.defaultConfig.concurrency":      "The number of worker threads",
			"sidecarInjectorWebhook.reinvocationPolicy": "Mutations that occur after the sidecar injector",
		},
		facts.Chart("gateway"): {"networkGateway": "If specified, the gateway will act as a network gateway"},
	} {
		data, err := schema.JSONSchema(s, facts.Embedded())
		if err != nil {
			t.Fatal(err)
		}
		var root described
		if err := json.Unmarshal(data, &root); err != nil {
			t.Fatal(err)
		}
		for path, want := range wants {
			if got := root.at(root, strings.Split(path, ".")...).Description; got == "" || !strings.HasPrefix(got, want) {
				t.Errorf("%s %s is described as %q, want %q", s, path, got, want)
			}
		}
		all, with := count(root)
		t.Logf("%s: %d of %d fields are described, %d bytes", s, with, all, len(data))
		if with*100 < all*80 {
			t.Errorf("%s: only %d of %d fields are described", s, with, all)
		}
	}
}

func count(d described) (all, with int) {
	for _, inner := range []map[string]described{d.Properties, d.Definitions} {
		for _, f := range inner {
			a, w := count(f)
			all, with = all+a, with+w
		}
	}
	for _, f := range d.Properties {
		all++
		if f.Description != "" {
			with++
		}
	}
	return all, with
}
