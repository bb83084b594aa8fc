package document

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/finding"
)

// TestEditText pins the bytes that edits leave.
func TestEditText(t *testing.T) {
	const file = `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    global:
      # of the proxy
      proxy:
        logLevel: warning
        # commented: out
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
`
	for _, c := range []struct {
		name string
		edit func(root *Value) []finding.Edit
		want string
	}{
		{"rename", func(v *Value) []finding.Edit { return v.At("spec", "hub").Rename("registry") }, `spec:
  # where images are
  registry: docker.io/istio # ours
  values:
    global:
      # of the proxy
      proxy:
        logLevel: warning
        # commented: out
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
`},
		{"quote", func(v *Value) []finding.Edit {
			return append(v.At("spec", "tag").Replace("1.20", String), v.At("spec", "values", "pilot", "env", "A").Replace("true", Bool)...)
		}, `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    global:
      # of the proxy
      proxy:
        logLevel: warning
        # commented: out
    pilot: {env: {A: true, B: 1}}
  tag: "1.20"
`},
		{"move with comments", func(v *Value) []finding.Edit {
			return v.At("spec", "hub").Move(nil, v.Field("spec"), "values", "global", "hub")
		}, `spec:
  values:
    global:
      # of the proxy
      proxy:
        logLevel: warning
        # commented: out
      # where images are
      hub: docker.io/istio # ours
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
`},
		{"move out of all", func(v *Value) []finding.Edit {
			return v.At("spec", "values", "global", "proxy").Move(nil, v.Field("spec"), "meshConfig", "x")
		}, `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
  meshConfig:
    # of the proxy
    x:
      logLevel: warning
      # commented: out
`},
		{"remove the last but keep", func(v *Value) []finding.Edit {
			global := v.At("spec", "values", "global")
			return global.Field("proxy").Remove(global)
		}, `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    global: {}
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
`},
		{"remove in braces", func(v *Value) []finding.Edit { return v.At("spec", "values", "pilot", "env", "B").Remove(nil) }, `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    global:
      # of the proxy
      proxy:
        logLevel: warning
        # commented: out
    pilot: {env: {A: 'true'}}
  tag: 1.20
`},
		{"a comment keeps its map", func(v *Value) []finding.Edit {
			return v.At("spec", "values", "global", "proxy", "logLevel").Remove(nil)
		}, `spec:
  # where images are
  hub: docker.io/istio # ours
  values:
    global:
      # of the proxy
      proxy: {}
        # commented: out
    pilot: {env: {A: 'true', B: 1}}
  tag: 1.20
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := parse(t, file)
			if got := edited(t, file, c.edit(root)); got != c.want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// TestNoEdit pins what is declined: values that no file holds, and values
// that are written once for several places.
func TestNoEdit(t *testing.T) {
	root := parse(t, "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: 1\nf: |\n  text\ng: !!str 1\n")
	other := parse(t, "h: 1\n")
	set := Overlay(root, map[string]any{"z": "1"}, finding.Location{File: "--set z=1"})
	for name, edits := range map[string][]finding.Edit{
		"below an anchor":      root.At("a", "b").Rename("z"),
		"below an alias":       root.At("c", "b").Rename("z"),
		"by a merge key":       root.At("d", "b").Rename("z"),
		"beside a merge key":   root.At("d", "e").Rename("z"),
		"an anchor that goes":  root.At("a").Remove(nil),
		"an alias elsewhere":   root.At("c").Move(nil, root, "z"),
		"into an anchor":       root.At("a").Insert("1", Int, "z"),
		"a text of lines":      root.At("f").Replace("x", String),
		"a tagged value":       root.At("g").Replace("x", String),
		"of no file":           set.At("z").Rename("y"),
		"nil":                  root.At("nothing").Remove(nil),
		"to another file":      root.At("f").Move(nil, other, "z"),
		"a name that is taken": root.At("f").Rename("g"),
		"a path that is taken": root.At("f").Move(nil, root, "g"),
		"not of that kind":     root.At("d", "e").Replace("word", Bool),
	} {
		if edits != nil {
			t.Errorf("%s: %+v", name, edits)
		}
	}
	merged := Merge(parse(t, "a: 1\n"), root)
	if merged.At("f").Rename("z") == nil {
		t.Error("a merge lost the text of its values")
	}
}
