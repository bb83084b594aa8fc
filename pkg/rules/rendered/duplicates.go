package rendered

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func duplicateObject() *rule.Rule {
	return &rule.Rule{
		ID: "MAN005", Name: "duplicate-object", Category: category, Severity: finding.Error, Net: true,
		Stages: validate(), Needs: needs(),
		Summary: "Two rendered objects have the same kind, namespace and name.",
		Why:     "The second replaces the first when they are applied, so that a part of the configuration has no effect.",
		Fix:     "Give one of the two components another name or namespace.",
		Hints:   []string{"S4"},
		Run:     func(p *rule.Pass) { each(p, duplicates) },
	}
}

func duplicates(manifests []snapshot.Manifest) []problem {
	var out []problem
	seen := map[snapshot.Key]int{}
	for _, m := range manifests {
		key := snapshot.KeyOf(m.Object)
		if seen[key]++; seen[key] == 2 {
			out = append(out, problem{object: m.Object, path: "metadata.name", text: key.Name, severity: finding.Error,
				message: fmt.Sprintf("is rendered twice, by component %s", m.Component)})
		}
	}
	return out
}
