package values_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/values"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, values.All()) }
