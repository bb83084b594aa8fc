package kube

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const contexts = `apiVersion: v1
kind: Config
current-context: prod-a
clusters:
- {name: a, cluster: {server: "https://A.example:6443/"}}
- {name: b, cluster: {server: "https://b.example:6443"}}
- {name: c, cluster: {server: "https://a.example:6443", proxy-url: "http://proxy"}}
contexts:
- {name: prod-a, context: {cluster: a}}
- {name: prod-b, context: {cluster: b}}
- {name: other, context: {cluster: a}}
- {name: behind, context: {cluster: c}}
- {name: "arn:aws:eks:eu:1:cluster/prod-x", context: {cluster: b}}
- {name: "odd,name", context: {cluster: b}}
`

func TestSeveral(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(contexts), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string][]string{
		"":                {},
		"prod-a":          {},
		"nosuch":          {}, // as ever
		"odd,name":        {},
		"prod-a,prod-b":   {"prod-a", "prod-b"},
		"prod-b, prod-a":  {"prod-b", "prod-a"},
		"prod-*":          {"prod-a", "prod-b"},
		"*prod-?":         {"arn:aws:eks:eu:1:cluster/prod-x", "prod-a", "prod-b"},
		"prod-b,prod-*":   {"prod-b", "prod-a"},
		"prod-a,nosuch":   nil,
		"prod-a,nosuch-*": nil,
		"prod-a,":         nil,
	} {
		f := NewFlags()
		f.UseKubeconfig(path)
		*f.config.Context = given
		got, err := f.Several()
		var none *NoContext
		if errors.As(err, &none) != (want == nil) || !slices.Equal(names(got), want) && len(want) > 0 || len(want) == 0 && len(got) > 0 {
			t.Errorf("%q: %v, %v; want %q", given, got, err, want)
		}
	}
}

// TestSameServer tells clusters apart by where a context leads.
func TestSameServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(contexts), 0o600); err != nil {
		t.Fatal(err)
	}
	f := NewFlags()
	f.UseKubeconfig(path)
	all, err := f.Contexts()
	if err != nil {
		t.Fatal(err)
	}
	server := map[string]string{}
	for _, c := range all {
		server[c.Name] = c.Server
	}
	if server["prod-a"] != server["other"] || server["prod-a"] == server["prod-b"] || server["prod-a"] == server["behind"] {
		t.Errorf("servers %q", server)
	}
	if in := f.In("prod-b"); in.Context() != "prod-b" || f.Context() != "prod-a" {
		t.Errorf("contexts %q and %q", in.Context(), f.Context())
	}
}
