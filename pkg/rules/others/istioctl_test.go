package others_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/analysis"
	"istio.io/istio/pkg/config/analysis/analyzers/webhook"
	"istio.io/istio/pkg/config/analysis/diag"
	"istio.io/istio/pkg/config/resource"

	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/others"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestFindsWhatIstioctlFinds runs istioctl's own analysis of overlapping
// webhooks over the fixtures, each together with what the installation brings.
// Whatever it finds the rule must find.
func TestFindsWhatIstioctlFinds(t *testing.T) {
	all := others.All()
	r := all[slices.IndexFunc(all, func(r *rule.Rule) bool { return r.ID == "PRE030" })]
	bad, good := ruletest.Fixtures(t, r.ID)
	found := 0
	for _, dir := range append(bad, good...) {
		s, _ := ruletest.Picture(t, r, dir)
		got := ruletest.Print(t, r, dir)
		for _, name := range overlapping(t, s) {
			found++
			if !strings.Contains(got, "MutatingWebhookConfiguration/"+name) {
				t.Errorf("%s: istioctl says that %s overlaps, the rule does not:\n%s", filepath.Base(dir), name, got)
			}
		}
	}
	if found == 0 {
		t.Error("istioctl's analysis finds nothing in any fixture")
	}
}

// overlapping names the configurations of others that istioctl complains of.
func overlapping(t *testing.T, s *snapshot.Snapshot) []string {
	t.Helper()
	w := &world{}
	own := map[string]bool{}
	for _, m := range s.Rendered {
		if m.Object.GetKind() == "MutatingWebhookConfiguration" {
			own[m.Object.GetName()] = true
			w.add(t, m.Object)
		}
	}
	for _, o := range s.Webhooks {
		if o.GetKind() == "MutatingWebhookConfiguration" && !own[o.GetName()] {
			w.add(t, o)
		}
	}
	(&webhook.Analyzer{SkipServiceCheck: true}).Analyze(w)
	var out []string
	for _, m := range w.messages {
		if name := m.Resource.Metadata.FullName.Name.String(); !own[name] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// world serves webhooks to istioctl's analysis.
type world struct {
	resources []*resource.Instance
	messages  []diag.Message
}

func (w *world) add(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	typed := &admissionv1.MutatingWebhookConfiguration{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, typed); err != nil {
		t.Fatal(err)
	}
	// istioctl takes webhooks about other kinds for injectors too.
	typed.Webhooks = slices.DeleteFunc(typed.Webhooks, func(h admissionv1.MutatingWebhook) bool {
		return !slices.ContainsFunc(h.Rules, func(r admissionv1.RuleWithOperations) bool { return slices.Contains(r.Resources, "pods") })
	})
	w.resources = append(w.resources, &resource.Instance{
		Metadata: resource.Metadata{FullName: resource.NewFullName("", resource.LocalName(o.GetName()))},
		Message:  typed,
	})
}

func (w *world) ForEach(_ config.GroupVersionKind, visit analysis.IteratorFn) {
	for _, r := range w.resources {
		if !visit(r) {
			return
		}
	}
}
func (w *world) Report(_ config.GroupVersionKind, m diag.Message) { w.messages = append(w.messages, m) }
func (w *world) Exists(config.GroupVersionKind, resource.FullName) bool {
	return true
}
func (w *world) Canceled() bool     { return false }
func (w *world) SetAnalyzer(string) {}
func (w *world) Find(config.GroupVersionKind, resource.FullName) *resource.Instance {
	return nil
}
