// Package rules is the list of every rule there is.
package rules

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/access"
	"github.com/meshctl/meshctl/pkg/rules/ambient"
	"github.com/meshctl/meshctl/pkg/rules/cluster"
	"github.com/meshctl/meshctl/pkg/rules/clusters"
	"github.com/meshctl/meshctl/pkg/rules/environment"
	"github.com/meshctl/meshctl/pkg/rules/ingress"
	"github.com/meshctl/meshctl/pkg/rules/injection"
	"github.com/meshctl/meshctl/pkg/rules/istio"
	"github.com/meshctl/meshctl/pkg/rules/live"
	"github.com/meshctl/meshctl/pkg/rules/meshconfig"
	"github.com/meshctl/meshctl/pkg/rules/objects"
	"github.com/meshctl/meshctl/pkg/rules/observability"
	"github.com/meshctl/meshctl/pkg/rules/others"
	"github.com/meshctl/meshctl/pkg/rules/platform"
	"github.com/meshctl/meshctl/pkg/rules/policy"
	"github.com/meshctl/meshctl/pkg/rules/ports"
	"github.com/meshctl/meshctl/pkg/rules/registry"
	"github.com/meshctl/meshctl/pkg/rules/rendered"
	"github.com/meshctl/meshctl/pkg/rules/scope"
	"github.com/meshctl/meshctl/pkg/rules/security"
	"github.com/meshctl/meshctl/pkg/rules/traffic"
	"github.com/meshctl/meshctl/pkg/rules/values"
	"github.com/meshctl/meshctl/pkg/rules/workloads"
)

// All returns every rule. The slice is the caller's, the rules are not.
func All() []*rule.Rule {
	own := slices.Concat(access.All(), ambient.All(), cluster.All(), clusters.All(), environment.All(), ingress.All(), objects.All(), ports.All(), registry.All(), scope.All(), traffic.All(), workloads.All(), injection.All(), live.All(), meshconfig.All(), observability.All(), others.All(), platform.All(), policy.All(), rendered.All(), security.All(), values.All())
	// Istio's analyzers run once for all of their rules, and longer than most of
	// ours: begun first, they keep one processor busy while the others do the rest.
	theirs := istio.All(own)
	return slices.Concat(theirs[:1], own, theirs[1:])
}

// Sorted returns every rule in the order of the IDs.
func Sorted() []*rule.Rule {
	return slices.SortedFunc(slices.Values(All()), func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) })
}

// Retired lists IDs of rules that no longer exist and must not come back
// with another meaning.
func Retired() []string { return nil }
