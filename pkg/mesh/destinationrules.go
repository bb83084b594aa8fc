package mesh

import (
	"cmp"
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// DestinationRule is one with what istiod makes of its names.
type DestinationRule struct {
	*networking.DestinationRule
	// Host is the full name.
	Host    string
	Visible Visibility
	// local says that clients of its own namespace take it, private that
	// nobody else does.
	local, private bool
}

// destinationRules are indexed as istiod keeps them: those that clients of a
// namespace find in their own, and those that a namespace exports.
type destinationRules struct {
	all    []*DestinationRule
	hosts  Hosts[*DestinationRule]
	spaces map[string]*ruleSpace
}

type ruleSpace struct{ local, exported, private Hosts[*DestinationRule] }

func (m *Mesh) rules() *destinationRules {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *destinationRules { return newDestinationRules(m) })
}

func newDestinationRules(m *Mesh) *destinationRules {
	out := &destinationRules{spaces: map[string]*ruleSpace{}}
	for _, r := range m.Snapshot.DestinationRules {
		out.all = append(out.all, m.rule(r))
	}
	slices.SortStableFunc(out.all, before)
	for _, r := range out.all {
		space := out.spaces[r.Namespace]
		if space == nil {
			space = &ruleSpace{}
			out.spaces[r.Namespace] = space
		}
		out.hosts.Add(r.Host, r)
		if r.local {
			space.local.Add(r.Host, r)
		}
		if r.private {
			space.private.Add(r.Host, r)
		} else {
			space.exported.Add(r.Host, r)
		}
	}
	return out
}

// before is the order in which istiod looks at rules: those for single
// workloads first, then the oldest.
func before(a, b *DestinationRule) int {
	selects := func(r *DestinationRule) int {
		if r.Spec.GetWorkloadSelector() != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(selects(a), selects(b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace),
	)
}

// rule reads exportTo as istiod does for DestinationRules: one for single
// workloads stays in its namespace, and of the mesh's default only "." counts.
func (m *Mesh) rule(r *networking.DestinationRule) *DestinationRule {
	out := &DestinationRule{DestinationRule: r, Host: m.FQDN(r.Spec.GetHost(), r.Namespace)}
	exportTo := r.Spec.GetExportTo()
	if r.Spec.GetWorkloadSelector() != nil {
		exportTo = []string{"."}
	}
	if len(exportTo) > 0 {
		out.Visible = visibility(exportTo, nil, r.Namespace)
		out.local = out.Visible.In(r.Namespace)
	} else {
		out.local = true
		if slices.Contains(m.Config.GetDefaultDestinationRuleExportTo(), ".") {
			exportTo = []string{"."}
		}
		out.Visible = visibility(exportTo, nil, r.Namespace)
	}
	out.private = !out.Visible.All() && slices.Equal(out.Visible.Namespaces(), []string{r.Namespace})
	return out
}

// Rules lists the DestinationRules in istiod's order.
func (m *Mesh) Rules() []*DestinationRule { return m.rules().all }

// RulesOf are the DestinationRules of exactly this host, whoever sees them.
func (m *Mesh) RulesOf(host string) []*DestinationRule { return m.rules().hosts.Exact(host) }

// RulesFor are the DestinationRules that a client works with for a service: of
// the client's namespace, else of the service's, else of the root namespace,
// there those of the most specific host. istiod merges them. A client in
// namespace "" is one in a namespace without rules of its own.
func (m *Mesh) RulesFor(host, owner, client string) []*DestinationRule {
	rules := m.rules()
	if space := rules.spaces[client]; space != nil {
		own := &space.local
		if client == m.Root {
			own = &space.private // that of the service comes before what is for all
		}
		if found := mostSpecific(own, host); len(found) > 0 {
			return found
		}
	}
	for _, namespace := range []string{owner, m.Root} {
		space := rules.spaces[namespace]
		if space == nil {
			continue
		}
		var seen []*DestinationRule
		for _, r := range mostSpecific(&space.exported, host) {
			if r.Visible.In(client) {
				seen = append(seen, r)
			}
		}
		if len(seen) > 0 {
			return seen
		}
	}
	return nil
}

// Hidden are the DestinationRules that clients would work with if a namespace
// had none for exactly this host: of its wildcards, else of the root namespace.
func (m *Mesh) Hidden(host, namespace string) []*DestinationRule {
	rules := m.rules()
	if space := rules.spaces[namespace]; space != nil {
		pool := &space.exported
		if namespace != m.Root {
			pool = &space.local
		}
		if found := pool.Narrowest(host); len(found) > 0 {
			return found
		}
	}
	if space := rules.spaces[m.Root]; space != nil && namespace != m.Root {
		return mostSpecific(&space.exported, host)
	}
	return nil
}

// mostSpecific are the rules of the host itself, else of the narrowest wildcard.
func mostSpecific(hosts *Hosts[*DestinationRule], host string) []*DestinationRule {
	if exact := hosts.Exact(host); len(exact) > 0 {
		return exact
	}
	return hosts.Narrowest(host)
}
