package kube

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDiffNamesFieldsAndLeavesOutTheServersOwn(t *testing.T) {
	old := object(t, `{kind: Deployment, metadata: {name: d, resourceVersion: "1", labels: {a: x}}, spec: {replicas: 1, ports: [{port: 80}, {port: 81}]}, status: {replicas: 1}}`)
	new := object(t, `{kind: Deployment, metadata: {name: d, resourceVersion: "2", labels: {a: x, b: z}}, spec: {replicas: 2, ports: [{port: 80}, {port: 82}]}}`)
	var got []string
	for _, d := range Diff(old, new) {
		got = append(got, d.Path+": "+d.Old+" → "+d.New)
	}
	want := "metadata.labels.b:  → z, spec.ports[1].port: 81 → 82, spec.replicas: 1 → 2"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if d := Diff(old, old); len(d) > 0 {
		t.Errorf("an object differs from itself: %v", d)
	}
}

func TestDiffMasksSecrets(t *testing.T) {
	old := object(t, `{kind: Secret, metadata: {name: s, annotations: {note: old}}, data: {key: aHVzaA==, other: c2Vz}}`)
	for name, new := range map[string]string{
		"a key":       `{kind: Secret, metadata: {name: s, annotations: {note: new}}, data: {key: c2VjcmV0, other: c2Vz}}`,
		"all of it":   `{kind: Secret, metadata: {name: s}}`,
		"string data": `{kind: Secret, metadata: {name: s}, data: {key: aHVzaA==}, stringData: {key: secret}}`,
	} {
		for _, d := range Diff(old, object(t, new)) {
			if text := d.Old + d.New; strings.Contains(text, "aHVz") || strings.Contains(text, "c2V") || strings.Contains(text, "secret") && !strings.Contains(text, "(secret)") {
				t.Errorf("%s: %s shows %q", name, d.Path, text)
			}
		}
	}
}

func TestDiffMasksSecretsOutsideOfSecrets(t *testing.T) {
	old := object(t, `{kind: ConfigMap, metadata: {name: c}, data: {password: s3cret-1, hub: open-1, mesh: "accessToken: s3cret-1\nhub: open-1\n"},
  spec: {env: [{name: X_TOKEN, value: s3cret-1}, {name: Y, value: open-1}], args: [--token=s3cret-1], more: [{name: DB_PASSWORD, value: s3cret-1}]}}`)
	new := object(t, `{kind: ConfigMap, metadata: {name: c}, data: {password: s3cret-2, hub: open-2, mesh: "accessToken: s3cret-2\nhub: open-2\n"},
  spec: {env: [{name: X_TOKEN, value: s3cret-2}, {name: Y, value: open-2}], args: [--token=s3cret-2], more: []}}`)
	shown := 0
	for _, d := range Diff(old, new) {
		if text := d.Old + d.New; strings.Contains(text, "s3cret") {
			t.Errorf("%s shows %q", d.Path, text)
		} else if strings.Contains(text, "open-1") && strings.Contains(text, "open-2") {
			shown++
		}
	}
	if shown != 3 {
		t.Errorf("%d plain differences are shown, want 3", shown)
	}
}

func TestReady(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want bool
	}{
		"daemon set that wants no pod":   {`{apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 0}}`, true},
		"daemon set not yet seen":        {`{apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 2}, status: {observedGeneration: 1, desiredNumberScheduled: 0}}`, false},
		"load balancer without address":  {`{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}}`, true},
		"deployment with an old replica": {`{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}}`, false},
		"being deleted":                  {`{apiVersion: v1, kind: ConfigMap, metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}}`, false},
	} {
		if got, why, err := Ready(object(t, tc.text)); err != nil || got != tc.want {
			t.Errorf("%s: ready %t (%s), %v", name, got, why, err)
		}
	}
}

func TestDiffInsideNamesFieldsOfTexts(t *testing.T) {
	old := object(t, `{kind: ConfigMap, metadata: {name: c}, data: {mesh: "accessLogFile: /dev/stdout\ndefaultConfig:\n  tracing: {}\n  token: s3cret-1\n", values: "{\"a\": 1,\n\"b\": 2}", config: "{{ if .A }}\none\ntwo\n{{ end }}\n", same: "a: 1\nb: 2\n"},
  spec: {containers: [{name: app, env: [{name: A, value: x}, {name: DB_PASSWORD, value: s3cret-1}]}]}}`)
	new := object(t, `{kind: ConfigMap, metadata: {name: c}, data: {mesh: "accessLogFile: /dev/null\ndefaultConfig:\n  tracing: {}\n  token: s3cret-2\n", values: "{\"a\": 1,\n\"b\": 3}", config: "{{ if .A }}\none\n2\n{{ end }}\n", same: "b: 2\na: 1\n"},
  spec: {containers: [{name: app, env: [{name: API_TOKEN, value: s3cret-2}, {name: A, value: z}]}]}}`)
	var got []string
	for _, d := range DiffInside(old, new) {
		got = append(got, d.Path+": "+strings.TrimSpace(d.Old)+" → "+strings.TrimSpace(d.New))
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"data.mesh: accessLogFile: /dev/stdout → /dev/null", "data.mesh: defaultConfig.token: (secret) → (secret)", "data.values: b: 2 → 3",
		"data.config, from line 3: two → 2", "spec.containers[app].env[A].value: x → z", "spec.containers[app].env[DB_PASSWORD]: ", "spec.containers[app].env[API_TOKEN]:  → ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "s3cret") || strings.Contains(text, "one") {
		t.Errorf("shows a secret, or what is the same:\n%s", text)
	}
}

func TestDiffValues(t *testing.T) {
	old := map[string]any{"pilot": map[string]any{"autoscaleMin": 1.0}, "adminPassword": "s3cret-1", "gone": "x"}
	new := map[string]any{"pilot": map[string]any{"autoscaleMin": 2.0}, "adminPassword": "s3cret-2"}
	want := []Difference{{"values.adminPassword", hidden, hidden}, {"values.gone", "x", ""}, {"values.pilot.autoscaleMin", "1", "2"}}
	if got := DiffValues("values", old, new); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
