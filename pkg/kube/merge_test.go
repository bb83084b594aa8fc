package kube

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// TestThreeWay wants what others have written to stay, what is no longer
// wanted to go, and what differs to be put right.
func TestThreeWay(t *testing.T) {
	hook := func(fields string) string {
		return `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: a.b.c, ` + fields + `}]}`
	}
	for name, tc := range map[string]struct {
		before, after, live string
		want                string
		kind                types.PatchType
	}{
		"what istiod has written stays": {
			before: hook(`clientConfig: {service: {name: istiod}}`),
			after:  hook(`clientConfig: {service: {name: istiod}}`),
			live:   hook(`failurePolicy: Fail, clientConfig: {caBundle: Q0E=, service: {name: istiod}}`),
			want:   `{}`, kind: types.StrategicMergePatchType,
		},
		"drift is put right, of a list by name": {
			before: hook(`clientConfig: {service: {name: istiod}}`),
			after:  hook(`clientConfig: {service: {name: istiod}}`),
			live:   hook(`clientConfig: {caBundle: Q0E=, service: {name: other}}`),
			want:   `{"$setElementOrder/webhooks":[{"name":"a.b.c"}],"webhooks":[{"clientConfig":{"service":{"name":"istiod"}},"name":"a.b.c"}]}`, kind: types.StrategicMergePatchType,
		},
		"what is wanted no more goes": {
			before: `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1", b: "2"}}`,
			after:  `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1"}}`,
			live:   `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1", b: "2", c: "3"}}`,
			want:   `{"data":{"b":null}}`, kind: types.StrategicMergePatchType,
		},
		"a kind without a Go type": {
			before: `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g}, spec: {servers: [{port: 1}], old: x}}`,
			after:  `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g}, spec: {servers: [{port: 2}]}}`,
			live:   `{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g, uid: u}, spec: {servers: [{port: 1}], old: x, own: y}}`,
			want:   `{"spec":{"old":null,"servers":[{"port":2}]}}`, kind: types.MergePatchType,
		},
	} {
		patch, kind, err := threeWay(object(t, tc.before), object(t, tc.after), object(t, tc.live))
		if err != nil || string(patch) != tc.want || kind != tc.kind {
			t.Errorf("%s: %s %s, %v; want %s %s", name, kind, patch, err, tc.kind, tc.want)
		}
	}
}
