package others_test

import (
	"testing"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rules/others"
)

func TestFixtures(t *testing.T) { ruletest.Run(t, others.All()) }
