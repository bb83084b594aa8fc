package platform_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/platform"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, platform.All()) }
