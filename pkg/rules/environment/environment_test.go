package environment_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/environment"
)

// TestFixtures runs the rules over the clusters of their fixtures.
func TestFixtures(t *testing.T) { ruletest.Run(t, environment.All()) }
