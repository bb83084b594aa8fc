package policy_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/policy"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, policy.All()) }
