package traffic

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/mesh"
)

// condition is one match of an HTTP rule: what it asks of the path, and all
// else that it asks, as text.
type condition struct {
	// kind is exact, prefix, regex, or "" where any path will do.
	kind, path, rest string
	// off says that it is for other gateways.
	off bool
}

// all says whether it lets every request through.
func (c condition) all() bool { return c.kind == "" && c.rest == "" }

func (c condition) key() string { return c.rest + "\x00" + c.kind + "\x00" + c.path }

// conditionOf reads a match. Names and what proxies do not look at are left
// out.
func conditionOf(m *api.HTTPMatchRequest) condition {
	var c condition
	switch kind := m.GetUri().GetMatchType().(type) {
	case *api.StringMatch_Exact:
		c.kind, c.path = "exact", kind.Exact
	case *api.StringMatch_Prefix:
		if kind.Prefix != "/" && kind.Prefix != "" {
			c.kind, c.path = "prefix", kind.Prefix
		}
	case *api.StringMatch_Regex:
		if kind.Regex != ".*" && kind.Regex != "/.*" {
			c.kind, c.path = "regex", kind.Regex
		}
	}
	var b strings.Builder
	one := func(name string, s *api.StringMatch) {
		if s != nil {
			b.WriteString(name + stringMatch(s))
		}
	}
	many := func(name string, all map[string]*api.StringMatch) {
		for _, k := range slices.Sorted(maps.Keys(all)) {
			b.WriteString(name + k + stringMatch(all[k]))
		}
	}
	one(" scheme", m.GetScheme())
	one(" method", m.GetMethod())
	one(" authority", m.GetAuthority())
	many(" header ", m.GetHeaders())
	many(" without ", m.GetWithoutHeaders())
	many(" query ", m.GetQueryParams())
	if m.GetPort() != 0 {
		fmt.Fprintf(&b, " port=%d", m.GetPort())
	}
	if m.GetSourceNamespace() != "" {
		b.WriteString(" from " + m.GetSourceNamespace())
	}
	for _, k := range slices.Sorted(maps.Keys(m.GetSourceLabels())) {
		b.WriteString(" label " + k + "=" + m.GetSourceLabels()[k])
	}
	if len(m.GetGateways()) > 0 {
		b.WriteString(" at " + strings.Join(slices.Sorted(slices.Values(m.GetGateways())), ","))
	}
	if m.GetIgnoreUriCase() && c.kind != "" {
		b.WriteString(" any case")
	}
	c.rest = b.String()
	return c
}

func stringMatch(s *api.StringMatch) string {
	switch kind := s.GetMatchType().(type) {
	case *api.StringMatch_Exact:
		return "=" + kind.Exact
	case *api.StringMatch_Prefix:
		return "^" + kind.Prefix
	case *api.StringMatch_Regex:
		return "~" + kind.Regex
	}
	return "?"
}

// conditionsOf are those of a rule as far as a gateway takes it. The name of
// the gateway itself is no condition there.
func conditionsOf(matches []*api.HTTPMatchRequest, gateway, namespace string) []condition {
	if len(matches) == 0 {
		return []condition{{}}
	}
	var out []condition
	for _, m := range matches {
		c := conditionOf(m)
		if names := m.GetGateways(); len(names) > 0 {
			at := " at " + strings.Join(slices.Sorted(slices.Values(names)), ",")
			c.off = !slices.Contains(mesh.GatewayNames(names, namespace), gateway)
			c.rest = strings.Replace(c.rest, at, "", 1)
		}
		out = append(out, c)
	}
	return out
}
