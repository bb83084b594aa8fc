package workloads_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/workloads"
)

func TestRules(t *testing.T) { ruletest.Run(t, workloads.All()) }
