package injection_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/injection"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, injection.All()) }
