package main

import (
	"testing"

	"istio.io/istio/pkg/config/analysis/msg"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rules"
)

// TestEquivalents wants a rule or a reason for every code, every code that the
// linked istioctl has in the table, and no code that nobody has.
func TestEquivalents(t *testing.T) {
	known := map[string]bool{}
	for _, c := range codes() {
		known[c.Code] = true
		if (len(c.Rules) == 0) == (c.Why == "") {
			t.Errorf("%s: rules %v, and why none: %q", c.Code, c.Rules, c.Why)
		}
	}
	for _, m := range msg.All() {
		if !known[m.Code()] {
			t.Errorf("%s of istioctl %s is not in the table", m.Code(), facts.EmbeddedRelease)
		}
	}
	for _, r := range rules.All() {
		for _, e := range r.Equivalents {
			if !known[e] {
				t.Errorf("%s names %s, which nobody has", r.ID, e)
			}
		}
	}
}
