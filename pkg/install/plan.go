// Package install plans and carries out an installation. It emits events and
// prints nothing; what it applies was rendered elsewhere.
package install

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Action is what an installation does to one object.
type Action string

// The actions.
const (
	Create    Action = "create"
	Change    Action = "change"
	Unchanged Action = "unchanged"
	Delete    Action = "delete"
)

// Step is one object of a plan.
type Step struct {
	Action   Action
	Key      snapshot.Key
	Manifest snapshot.Manifest
	// Fields lists what a change changes.
	Fields []snapshot.FieldChange
	// Conflicts are the fields that other managers hold with other values.
	Conflicts []snapshot.Conflict
	// Doubt names what differs and cannot be judged.
	Doubt string
	// apply is the object as it is to be sent, before as it was in the cluster
	// when the plan was made; nil where there was none.
	apply, before *unstructured.Unstructured
	// shared says that fields are to be taken from who only helps to write.
	shared bool
	// unmark says that Helm's marks are to go.
	unmark bool
	// awaitIstiod marks a webhook that the plan's own istiod takes over.
	awaitIstiod bool
}

// Plan is everything an installation would do, in order.
type Plan struct{ Steps []Step }

// Warning says what is lost by a step, or taken along, or cannot be judged; ""
// for most.
func (s Step) Warning() string {
	switch {
	case s.Action == Delete:
		return snapshot.Loss(s.Manifest.Object)
	case s.Doubt != "":
		return "left out, because it may have been installed so: " + s.Doubt
	case s.Action == Change:
		return s.moved()
	}
	return ""
}

// moved says that a workload that revisions have in common, by its name, goes
// over to another one: a gateway, or a node agent.
func (s Step) moved() string {
	if s.Key.Kind != "Deployment" && s.Key.Kind != "DaemonSet" {
		return ""
	}
	for _, f := range s.Fields {
		if f.Path == "spec.template.metadata.labels.istio.io/rev" && f.Live != "" && f.Want != "" {
			return fmt.Sprintf("the running %s moves from revision %s to %s, with all that goes through it; leave it out of this installation and it stays where it is", s.Key, f.Live, f.Want)
		}
	}
	return ""
}

// Count returns how many objects an action concerns.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, s := range p.Steps {
		if s.Action == a {
			n++
		}
	}
	return n
}

// Empty says that the cluster is already as wanted.
func (p *Plan) Empty() bool { return p.Count(Unchanged) == len(p.Steps) }

// Refused says that the API server would not take an object.
type Refused struct {
	Key   snapshot.Key
	Cause error
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the API server refuses %s: %s", e.Key, kube.Message(e.Cause))
}

func (e *Refused) Unwrap() error { return e.Cause }

// failure tells a refusal, which is an answer, from a request without one.
func failure(key snapshot.Key, err error) error {
	conflicts := kube.Conflicts(err)
	switch {
	case kube.Broken(err):
		return fmt.Errorf("sending %s: %w", key, err)
	case len(conflicts) > 0:
		return &Refused{key, fmt.Errorf("since the plan was made %s has set %s; --take-ownership takes it over", conflicts[0].Manager, conflicts[0].Field)}
	case kube.Replaced(err):
		return &Refused{key, errors.New("since the plan was made somebody has made it anew, so it stays; the next run plans with it")}
	}
	return &Refused{key, err}
}

// Prepare makes the plan of the picture: what the API server answered to the
// dry runs, and what is left over. It asks nothing and writes nothing. Every
// refusal is returned, joined into one error.
func Prepare(s *snapshot.Snapshot) (*Plan, error) {
	for _, part := range []snapshot.Part{snapshot.DryRuns, snapshot.Leftovers} {
		if ok, why := s.Has(part); !ok {
			return nil, errors.New(why)
		}
	}
	p := &Plan{}
	var errs []error
	for _, m := range s.Rendered {
		step, err := stepOf(m, s.DryRuns[snapshot.KeyOf(m.Object)])
		p.Steps, errs = append(p.Steps, step), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, o := range s.Leftovers {
		m := snapshot.Manifest{Object: o, Component: o.GetLabels()["operator.istio.io/component"]}
		p.Steps = append(p.Steps, Step{Action: Delete, Key: snapshot.KeyOf(o), Manifest: m, before: o})
	}
	markWebhooks(p.Steps)
	return p, nil
}

func stepOf(m snapshot.Manifest, d snapshot.DryRun) (Step, error) {
	s := Step{Key: snapshot.KeyOf(m.Object), Manifest: m, Action: Create, Fields: d.Fields, Doubt: d.Doubt, Conflicts: d.Conflicts, apply: d.Sent, before: d.Live, shared: d.Shared, unmark: d.Unmark}
	switch d.Verdict {
	case snapshot.Accepted, snapshot.Early:
	case snapshot.Unanswered:
		return s, fmt.Errorf("the dry run of %s was not answered: %s", s.Key, d.Reason)
	default:
		return s, &Refused{s.Key, errors.New(d.Reason)}
	}
	switch {
	case d.Live != nil && len(d.Fields) > 0:
		s.Action = Change
	case d.Live != nil && d.Verdict == snapshot.Accepted:
		s.Action = Unchanged
	}
	return s, nil
}

// markWebhooks finds the webhooks that wait for istiod, if the plan has one.
func markWebhooks(steps []Step) {
	istiod := slices.ContainsFunc(steps, func(s Step) bool {
		return s.Key.Kind == "Deployment" && s.Manifest.Object.GetLabels()["app"] == "istiod"
	})
	for i, s := range steps {
		steps[i].awaitIstiod = istiod && s.Key.Group == "admissionregistration.k8s.io" && strings.HasSuffix(s.Key.Kind, "WebhookConfiguration")
	}
}
