package live

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestStaleRecord gives records as an installation leaves them, and as one
// does that was cut off or changed by others.
func TestStaleRecord(t *testing.T) {
	config := &snapshot.Config{Root: document.Parse("istio.yaml", []byte("kind: IstioOperator\nmetadata: {namespace: istio-system}\n"))[0].Root}
	istiod := snapshot.Key{Group: "apps", Kind: "Deployment", Namespace: "istio-system", Name: "istiod"}
	owned := func(name string, more ...string) snapshot.LiveObject {
		o := &unstructured.Unstructured{Object: map[string]any{}}
		labels := map[string]string{"istio.io/rev": "default", "install.operator.istio.io/owning-resource": name, "install.operator.istio.io/owning-resource-namespace": "istio-system"}
		for i := 0; i < len(more); i += 2 {
			labels[more[i]] = more[i+1]
		}
		o.SetLabels(labels)
		return snapshot.LiveObject{Object: o}
	}
	mine := snapshot.Record{Owner: snapshot.Owner{Namespace: "istio-system"}, State: "applied", Started: time.Unix(1e9, 0).UTC(), Inventory: []snapshot.Key{istiod}}
	state := func(s string) snapshot.Record { r := mine; r.State = s; return r }
	other := mine
	other.Owner.Revision, other.State = "canary", "applying"
	for name, tc := range map[string]struct {
		records []snapshot.Record
		live    snapshot.LiveObject
		outcome report.Outcome
		text    string
	}{
		"as it should be":         {[]snapshot.Record{mine}, owned("unknown"), report.Passed, ""},
		"without a record":        {nil, owned("unknown"), report.Passed, ""},
		"cut off":                 {[]snapshot.Record{state("applying")}, owned("unknown"), report.Failed, "began at 2001-09-09T01:46:40Z did not come to its end"},
		"removed half":            {[]snapshot.Record{state("removing")}, owned("unknown"), report.Failed, "an uninstallation did not come to its end"},
		"another's is cut off":    {[]snapshot.Record{mine, other}, owned("unknown"), report.Passed, ""},
		"taken by another":        {[]snapshot.Record{mine}, owned("theirs"), report.Failed, "for example Deployment/istio-system/istiod"},
		"went with a canary":      {[]snapshot.Record{mine}, owned("unknown", "istio.io/rev", "canary"), report.Passed, ""},
		"went with what is gone":  {[]snapshot.Record{mine}, owned("unknown", "istio.io/rev", "old"), report.Failed, "for example Deployment/istio-system/istiod"},
		"shared, signed anew":     {[]snapshot.Record{mine}, owned("theirs", "operator.istio.io/component", "Base"), report.Passed, ""},
		"a tag that was moved":    {[]snapshot.Record{mine}, owned("", "istio.io/tag", "default", "istio.io/rev", "canary"), report.Passed, ""},
		"missing, said by others": {[]snapshot.Record{mine}, snapshot.LiveObject{}, report.Passed, ""},
		"of the future":           {[]snapshot.Record{{Refused: "the record cannot be read"}}, owned("unknown"), report.Skipped, ""},
	} {
		s := &snapshot.Snapshot{Configs: []*snapshot.Config{config}, Records: tc.records, Live: map[snapshot.Key]snapshot.LiveObject{istiod: tc.live}}
		s.ControlPlanes = []*unstructured.Unstructured{owned("unknown", "istio.io/rev", "canary").Object}
		for _, p := range append(staleRecord().Needs, snapshot.ControlPlanes) {
			s.Provide(p)
		}
		rep := engine.Run([]*rule.Rule{staleRecord()}, s, engine.Options{Stage: rule.Verify})
		message := ""
		for _, f := range rep.Findings {
			message += f.Message
		}
		if got := rep.Rules[0].Outcome; got != tc.outcome || !strings.Contains(message, tc.text) {
			t.Errorf("%s: %s, %q", name, got, message)
		}
	}
}
