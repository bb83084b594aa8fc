package rendered

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// category is the heading under which the checks are listed.
const category = "Manifests"

func validate() []rule.Stage { return []rule.Stage{rule.Validate} }

func needs() []snapshot.Part { return []snapshot.Part{snapshot.Configuration, snapshot.Rendered} }

// main is the value to point at: of several that cause a fault together the
// one that says how rather than what there is, the last in the file.
func main(causes []*document.Value) *document.Value {
	for i := len(causes) - 1; i >= 0; i-- {
		switch causes[i].Name() {
		case "name", "enabled", "kind", "apiVersion", "path", "profile":
			continue
		}
		return causes[i]
	}
	return causes[len(causes)-1]
}

// blame names the other values that a finding needs to come about.
func blame(f *finding.Finding, causes []*document.Value) {
	for _, c := range causes {
		if at := c.Location(); at != f.At {
			f.Related = append(f.Related, finding.Related{Message: "together with this value", At: at})
		}
	}
}
