package document

import "testing"

func TestNearest(t *testing.T) {
	root := Parse("f", []byte(`
metadata:
  annotations: {a.b/c: "1"}
spec:
  http:
  - route:
    - destination: {host: h}
  containers:
  - name: app
    image: i
`))[0].Root
	for path, want := range map[string]string{
		"": "", "spec.http[0].route[0].destination.host": "spec.http[0].route[0].destination.host",
		`metadata.annotations["a.b/c"]`: `metadata.annotations["a.b/c"]`,
		"spec.containers[app].image":    "spec.containers[0].image",
		"spec.http[0].timeout":          "spec.http[0]",
		"spec.http[7].timeout":          "spec.http",
		"spec.http[x":                   "spec.http",
		"nothing.here":                  "",
	} {
		if got := root.Nearest(path).Path(); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}
