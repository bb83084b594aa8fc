package scope_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/scope"
)

func TestRules(t *testing.T) { ruletest.Run(t, scope.All()) }
