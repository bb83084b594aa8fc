package security_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/security"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, security.All()) }
