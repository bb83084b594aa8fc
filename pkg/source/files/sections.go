package files

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// sections are the fields that hold most settings.
func sections() []string {
	return []string{"values", "unvalidatedValues", "meshConfig", "components", "global", "pilot", "cni", "ztunnel", "env"}
}

// placeholders lists the sections that a tool fills in as a whole: whether a
// setting is missing cannot be told then. DOC003 says so at the place.
func placeholders(c *snapshot.Config) []snapshot.Unseen {
	body, _ := c.Body()
	var out []snapshot.Unseen
	for _, v := range []*document.Value{body, c.Values()} {
		for _, name := range sections() {
			if s := v.Field(name); s != nil && s.Kind == document.String && s.Placeholder() != "" {
				out = append(out, snapshot.Unseen{At: s, Message: "what stands for " + s.Placeholder() + " was not judged", Silent: true})
			}
		}
		if c.Values() == body {
			break
		}
	}
	return out
}
