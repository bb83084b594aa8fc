package rendered_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/rendered"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, rendered.All()) }
