package istio_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/istio"
)

func TestRules(t *testing.T) { ruletest.Run(t, istio.All(nil)) }
