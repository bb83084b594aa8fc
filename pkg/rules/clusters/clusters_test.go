package clusters_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/clusters"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, clusters.All()) }
