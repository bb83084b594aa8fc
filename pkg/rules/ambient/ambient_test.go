package ambient_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/ambient"
)

func TestRules(t *testing.T) { ruletest.Run(t, ambient.All()) }
