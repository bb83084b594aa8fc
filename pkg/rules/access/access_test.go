package access_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/access"
)

func TestRules(t *testing.T) { ruletest.Run(t, access.All()) }
