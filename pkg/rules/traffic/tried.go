package traffic

import (
	"fmt"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// tried is what the rules so far take: by what they ask besides the path, the
// paths with the number of the rule.
type tried struct {
	pass *rule.Pass
	of   *mesh.VirtualService
	by   map[string]*paths
	all  int // one more than the number of the rule without match
	told bool
}

type paths struct {
	any, longest  int // one more than the number; the longest prefix
	exact, prefix map[string]int
}

// try looks at one rule, and remembers what it takes. One that delegates takes
// only what the other VirtualService takes.
func (t *tried) try(kind string, i int, asked []condition, takes bool) {
	at := fmt.Sprintf("%s[%d]", kind, i)
	if t.all > 0 {
		if !t.told {
			t.pass.Reportf(snapshot.Place(t.of.VirtualService, at), "this rule is never reached: %s[%d] before it takes all requests", kind, t.all-1)
		}
		t.told = true // so it goes for all that follow
		return
	}
	lost, by := []int{}, 0
	for j, c := range asked {
		if before := t.covers(c); before > 0 {
			lost, by = append(lost, j), before
		}
	}
	switch {
	case len(asked) == 0:
	case len(lost) == len(asked):
		t.pass.Reportf(snapshot.Place(t.of.VirtualService, at), "this rule is never reached: %s[%d] before it takes the same requests", kind, by-1)
	case len(lost) > 0:
		t.pass.Reportf(snapshot.Place(t.of.VirtualService, fmt.Sprintf("%s.match[%d]", at, lost[0])), "this match has no effect: %s[%d] before it takes the same requests", kind, t.covers(asked[lost[0]])-1).Severity = finding.Info
	default:
		t.repeated(at, asked)
	}
	if !takes {
		return
	}
	if len(asked) == 0 || slices.ContainsFunc(asked, condition.all) {
		t.all = i + 1
	}
	for _, c := range asked {
		t.add(c, i+1)
	}
}

// repeated reports a match that another one of the same rule makes idle.
func (t *tried) repeated(at string, asked []condition) {
	if len(asked) < 2 {
		return
	}
	var own tried
	for j, c := range asked {
		if before := own.covers(c); before > 0 {
			t.pass.Reportf(snapshot.Place(t.of.VirtualService, fmt.Sprintf("%s.match[%d]", at, j)), "this match has no effect: match[%d] of the same rule takes the same requests", before-1).Severity = finding.Info
			return
		}
		own.add(c, j+1)
	}
}

// covers is one more than the number of a rule that takes all that a condition
// lets through, or 0.
func (t *tried) covers(c condition) int {
	for _, rest := range slices.Compact([]string{c.rest, ""}) {
		p := t.by[rest]
		if p == nil {
			continue
		}
		if p.any > 0 {
			return p.any
		}
		if n := p.exact[c.kind+c.path]; n > 0 {
			return n
		}
		if c.kind == "exact" || c.kind == "prefix" {
			for i := 1; i <= min(len(c.path), p.longest); i++ {
				if n := p.prefix[c.path[:i]]; n > 0 {
					return n
				}
			}
		}
	}
	return 0
}

func (t *tried) add(c condition, n int) {
	if t.by == nil {
		t.by = map[string]*paths{}
	}
	p := t.by[c.rest]
	if p == nil {
		p = &paths{exact: map[string]int{}, prefix: map[string]int{}}
		t.by[c.rest] = p
	}
	switch c.kind {
	case "":
		if p.any == 0 {
			p.any = n
		}
	case "prefix":
		if p.prefix[c.path] == 0 {
			p.prefix[c.path], p.longest = n, max(p.longest, len(c.path))
		}
	default:
		if p.exact[c.kind+c.path] == 0 {
			p.exact[c.kind+c.path] = n
		}
	}
}

// texts are the matches of other protocols, which cover one another only where
// they are equal.
func texts[T any](matches []T, text func(T) string) []condition {
	var out []condition
	for _, m := range matches {
		out = append(out, condition{rest: text(m)})
	}
	return out
}

func l4(m *api.L4MatchAttributes) string {
	return plain("", m.GetDestinationSubnets(), m.GetPort(), m.GetSourceLabels(), m.GetGateways(), m.GetSourceNamespace(), m.GetSourceSubnet())
}

func sni(m *api.TLSMatchAttributes) string {
	return plain(strings.Join(slices.Sorted(slices.Values(m.GetSniHosts())), ","), m.GetDestinationSubnets(), m.GetPort(), m.GetSourceLabels(), m.GetGateways(), m.GetSourceNamespace(), "")
}

// plain prints conditions; "" where there is none.
func plain(hosts string, subnets []string, port uint32, labels map[string]string, gateways []string, namespace, source string) string {
	if hosts == "" && len(subnets) == 0 && port == 0 && len(labels) == 0 && len(gateways) == 0 && namespace == "" && source == "" {
		return ""
	}
	return fmt.Sprintf("%s|%v|%d|%v|%v|%s|%s", hosts, subnets, port, labels, gateways, namespace, source)
}
