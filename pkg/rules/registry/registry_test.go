package registry_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/registry"
)

func TestRules(t *testing.T) { ruletest.Run(t, registry.All()) }
