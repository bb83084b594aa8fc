package snapshot

import (
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/document"
)

// Selectors reads label selectors. It leaves out those that istiod cannot read
// or that say nothing, as istiod does.
func Selectors(list *document.Value) (out []labels.Selector) {
	for _, item := range list.Items() {
		var s metav1.LabelSelector
		text, err := item.JSON()
		if err != nil || json.Unmarshal(text, &s) != nil {
			continue
		}
		if parsed, err := metav1.LabelSelectorAsSelector(&s); err == nil && !parsed.Empty() {
			out = append(out, parsed)
		}
	}
	return out
}

// Discovers says whether mesh config leaves a namespace with these labels to
// this mesh: without discoverySelectors all are.
func (s *Snapshot) Discovers(namespace labels.Set) bool {
	for _, c := range s.Configs {
		chosen := Selectors(c.Mesh().Field("discoverySelectors"))
		if len(chosen) > 0 && !slices.ContainsFunc(chosen, func(s labels.Selector) bool { return s.Matches(namespace) }) {
			return false
		}
	}
	return true
}
