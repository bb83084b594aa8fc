// Package rules is the list of every rule there is.
package rules

import (
	"slices"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/cluster"
	"github.com/meshctl/meshctl/pkg/rules/live"
	"github.com/meshctl/meshctl/pkg/rules/platform"
	"github.com/meshctl/meshctl/pkg/rules/values"
)

// All returns every rule. The slice is the caller's, the rules are not.
func All() []*rule.Rule {
	return slices.Concat(cluster.All(), live.All(), platform.All(), values.All())
}

// Retired lists IDs of rules that no longer exist and must not come back
// with another meaning.
func Retired() []string { return nil }
