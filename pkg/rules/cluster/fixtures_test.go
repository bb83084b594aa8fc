package cluster_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/cluster"
)

// TestFixtures runs those rules that validate has too.
func TestFixtures(t *testing.T) { ruletest.Run(t, cluster.All()) }
