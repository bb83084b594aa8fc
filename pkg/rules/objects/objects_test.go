package objects_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/objects"
)

func TestRules(t *testing.T) { ruletest.Run(t, objects.All()) }
