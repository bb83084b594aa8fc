// Package observability holds the rules about what the mesh tells of itself:
// access logs, traces and metrics.
package observability

import (
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const category = "Observability"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		noAccessLog(), logWithoutFlags(), sampleAddons(), noTracer(), removedTracer(), statsCompression(),
		kialiLockedOut(), providersResolve(), addonsReady(), metricsMerge(),
	}
}

// each completes a rule that looks at mesh configs one by one.
func each(r rule.Rule, run func(*rule.Pass, *snapshot.Config)) *rule.Rule {
	r.Category = category
	r.Stages = []rule.Stage{rule.Validate}
	r.Needs = []snapshot.Part{snapshot.Configuration}
	r.Run = func(p *rule.Pass) {
		for _, c := range p.Configs {
			if c.HoldsMesh() {
				run(p, c)
			}
		}
	}
	return &r
}

// missing completes a rule about a decision that is not made.
func missing(r rule.Rule, made func(*snapshot.Config) bool, message string) *rule.Rule {
	return each(r, func(p *rule.Pass, c *snapshot.Config) {
		if !made(c) {
			p.Missingf(c, c.Nearest(c.MeshPath()...), "%s", message)
		}
	})
}
