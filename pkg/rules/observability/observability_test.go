package observability_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/observability"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, observability.All()) }
