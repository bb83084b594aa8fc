package snapshot

import (
	"sync"

	"github.com/meshctl/meshctl/pkg/schema"
)

// memo keeps what the schema says about a configuration. Several rules ask
// for it, and the configuration never changes after it was read.
type memo struct {
	once   sync.Once
	issues []schema.Issue
}

// Issues are the disagreements between the configuration and the schema of
// its Istio minor, in the order of the file. The schema is asked once.
func (c *Config) Issues() []schema.Issue {
	c.memo.once.Do(func() {
		body, surface := c.Body()
		c.memo.issues = schema.Check(body, surface, c.Istio)
	})
	return c.memo.issues
}
