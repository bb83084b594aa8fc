package environment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/environment"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestClockSkew looks at clocks that differ, by more than a minute and less.
func TestClockSkew(t *testing.T) {
	for skew, want := range map[time.Duration]string{
		0: "", 59 * time.Second: "", -time.Minute: "",
		5 * time.Minute:   "its clock is at least 5m0s ahead of this machine's",
		-90 * time.Second: "its clock is at least 1m30s behind this machine's",
	} {
		s := &snapshot.Snapshot{Skew: skew}
		s.Provide(snapshot.Clock)
		r := engine.Run(environment.All(), s, engine.Options{Stage: rule.Precheck, Select: []string{"PRE020"}})
		got := ""
		for _, f := range r.Findings {
			got += f.Message
		}
		if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
			t.Errorf("skew %s: %q, want %q", skew, got, want)
		}
	}
}
