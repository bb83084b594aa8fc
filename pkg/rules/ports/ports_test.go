package ports_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/ports"
)

func TestRules(t *testing.T) { ruletest.Run(t, ports.All()) }
