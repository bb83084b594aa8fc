package meshconfig_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/meshconfig"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, meshconfig.All()) }
