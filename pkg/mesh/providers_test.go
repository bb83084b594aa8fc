package mesh_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestProvidersOfValues wants nothing to be called missing in values files over
// which others may be laid, and in a mesh config that nobody has seen.
func TestProvidersOfValues(t *testing.T) {
	values := &snapshot.Config{Chart: "istiod", Root: document.Parse("values.yaml", []byte("meshConfig: {extensionProviders: [{name: OTel}]}\n"))[0].Root}
	for name, c := range map[string]struct {
		configs        []*snapshot.Config
		whole, unknown bool
	}{
		"a part":         {[]*snapshot.Config{values}, false, true},
		"all values":     {[]*snapshot.Config{values}, true, false},
		"no mesh config": {nil, true, true},
	} {
		s := &snapshot.Snapshot{Configs: c.configs}
		if c.whole {
			s.Provide(snapshot.Whole)
		}
		p := mesh.Of(s).Providers()
		if (p.Unknown != "") != c.unknown {
			t.Errorf("%s: %q", name, p.Unknown)
		}
		if c.configs != nil && (!p.Has("otel") || p.HasExactly("otel") || !p.HasExactly("OTel")) {
			t.Errorf("%s: letters count for policies only", name)
		}
	}
}
