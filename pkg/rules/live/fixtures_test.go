package live_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/live"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, live.All()) }
