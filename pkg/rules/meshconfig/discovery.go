package meshconfig

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

func discovery() *rule.Rule {
	return &rule.Rule{
		ID: "VAL045", Name: "discovery-selector", Category: category, Severity: finding.Error,
		Stages: stages(), Needs: given(),
		Summary: "A discovery selector is no valid label selector, or selects everything.",
		Why:     "With one selector wrong istiod ignores the whole list; an empty one makes the others pointless.",
		Fix:     "Write matchLabels, or matchExpressions with In, NotIn, Exists or DoesNotExist.",
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, s := range c.Mesh().Field("discoverySelectors").Items() {
					selector(p, s)
				}
			}
		},
	}
}

func selector(p *rule.Pass, s *document.Value) {
	if s.Kind != document.Map {
		return
	}
	t := tree{s, map[*document.Value]bool{}}
	placeholders(s, t.out)
	if len(t.out) > 0 {
		return
	}
	if len(s.Fields()) == 0 {
		f := p.Reportf(s, "an empty selector selects every namespace; remove it, or the whole list")
		f.Severity = finding.Warning
		return
	}
	for _, complaint := range asSelector(t.values()) {
		short, _, _ := strings.Cut(complaint, " (e.g.")
		at, right := operator(s, complaint)
		if at == nil {
			p.Reportf(blame(t, s, asSelector, complaint), "invalid selector: %s", short)
			continue
		}
		p.Reportf(blame(t, s, asSelector, complaint), "invalid selector: %s; write %s", short, right).
			Propose(at.Replace(right, document.String), "write %s", right)
	}
}

func asSelector(values any) []string {
	text, err := json.Marshal(values)
	if err != nil {
		return nil
	}
	var s metav1.LabelSelector
	if json.Unmarshal(text, &s) != nil {
		return nil // a wrong type, which another rule reports
	}
	if _, err := metav1.LabelSelectorAsSelector(&s); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// operator finds one that is right but for its case.
func operator(s *document.Value, complaint string) (at *document.Value, right string) {
	for _, right := range []string{"In", "NotIn", "Exists", "DoesNotExist"} {
		for _, e := range s.Field("matchExpressions").Items() {
			if o := e.Str("operator"); o != right && strings.EqualFold(o, right) && strings.Contains(complaint, o) {
				return e.Field("operator"), right
			}
		}
	}
	return nil, ""
}
