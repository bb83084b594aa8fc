package injection

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func missingRevision() *rule.Rule {
	return &rule.Rule{
		ID: "INJ006", Name: "missing-revision", Category: category, Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Precheck, rule.Verify, rule.Analyze},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Namespaces, snapshot.Webhooks, snapshot.ControlPlanes},
		Summary: "The label istio.io/rev of a namespace names a revision or tag that does not exist.",
		Why:     "No injector takes its pods, so they start without a sidecar, outside of the mesh.",
		Fix:     "Correct the label, or set the tag with `meshctl tag set`.",
		Hints:   []string{"S8"},
		Run: func(p *rule.Pass) {
			hooks, known := injectors(p), revisions(p)
			if len(hooks) == 0 && len(p.Origins) > 0 {
				p.Undecidedf(noWebhooks) // nor the tags
				return
			}
			missing := map[string][]string{}
			named := 0
			for _, ns := range users(p) {
				rev := ns.Labels[revisionLabel]
				if _, injection := ns.Labels[injectionLabel]; injection || rev == "" {
					continue // istio-injection wins
				}
				named++
				if !known[rev] && !taken(hooks, ns.Labels, labels.Set{}) {
					missing[rev] = append(missing[rev], ns.Name)
				}
			}
			for _, rev := range slices.Sorted(maps.Keys(missing)) {
				p.Reportf(first(missing[rev]), "%s: revision or tag %s does not exist; %s", rule.Some(missing[rev]), rev, there(known, "there are %s"))
			}
			p.Lookedf("%d namespaces with istio.io/rev, revisions and tags: %s", named, some(known))
		},
	}
}

func first(names []string) snapshot.Key {
	return snapshot.Key{Kind: "Namespace", Name: slices.Min(names)}
}

// there names the revisions and tags that exist in a sentence for them.
func there(known map[string]bool, sentence string) string {
	if len(known) == 0 {
		return "no revision is installed"
	}
	return fmt.Sprintf(sentence, some(known))
}

func some(set map[string]bool) string {
	if len(set) == 0 {
		return "none"
	}
	return rule.Some(slices.Collect(maps.Keys(set)))
}
