package ingress_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/ingress"
)

func TestRules(t *testing.T) { ruletest.Run(t, ingress.All()) }
