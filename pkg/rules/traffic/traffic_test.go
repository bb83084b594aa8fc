package traffic_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/traffic"
)

func TestRules(t *testing.T) { ruletest.Run(t, traffic.All()) }
