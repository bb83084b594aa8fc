package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
)

// TestIgnoreAnnotation wants an object's own word to leave out what is found
// about it, and about no other, and to be told of where it is of no use.
func TestIgnoreAnnotation(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        []string
		suppressed  int
	}{
		{"obeyed", "SDC009: all hosts are in the registry", []string{"SDC009 Sidecar/other/default"}, 1},
		{"a family, and by name", "SDC: no", []string{"SDC009 Sidecar/other/default"}, 1},
		{"several lines", "\n  outbound-policy-without-mode, VS001: no\n", []string{"SDC009 Sidecar/other/default", "SUP001 Sidecar/shop/default"}, 1},
		{"without a reason", "SDC009", []string{"SDC009 Sidecar/other/default", "SDC009 Sidecar/shop/default", "SUP002 Sidecar/shop/default"}, 0},
		{"no such rule", "SDC0091: no", []string{"SDC009 Sidecar/other/default", "SDC009 Sidecar/shop/default", "SUP002 Sidecar/shop/default"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rep := annotatedSidecars(t, tc.value)
			var got []string
			for _, f := range rep.Findings {
				got = append(got, f.Rule+" "+f.At.Object)
				if f.At.Line == 0 {
					t.Errorf("%s has no line", f.Rule)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if rep.Summary.Suppressed != tc.suppressed {
				t.Errorf("%d suppressed", rep.Summary.Suppressed)
			}
		})
	}
}

func annotatedSidecars(t *testing.T, value string) *report.Report {
	t.Helper()
	sidecar := `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: %s, annotations: {%s: %q}}
spec: {outboundTrafficPolicy: {}, egress: [{hosts: ["./*"]}]}
`
	path := filepath.Join(t.TempDir(), "mesh.yaml")
	text := fmt.Sprintf(sidecar+"---\n"+sidecar, "shop", "meshctl.io/ignore", value, "other", "any", value)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	snap, err := files.LoadObjects([]string{path}, nil, "", files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := rules.All()
	all = slices.DeleteFunc(all, func(r *rule.Rule) bool {
		return !slices.Contains([]string{"SDC009", "VS001", "SUP001", "SUP002"}, r.ID)
	})
	return engine.Run(all, snap, engine.Options{Stage: rule.Analyze})
}
