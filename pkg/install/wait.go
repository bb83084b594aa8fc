package install

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// NotReady says what an installation waited for in vain.
type NotReady struct {
	// Waited is how long.
	Waited time.Duration
	// Objects that are not ready, each with its cause.
	Objects []Pending
}

// Pending is one object that is not ready.
type Pending struct {
	Key   snapshot.Key
	Cause string
}

func (e *NotReady) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "not ready after %s:", e.Waited.Round(time.Second))
	for _, p := range e.Objects {
		fmt.Fprintf(&b, "\n  %s: %s", p.Key, p.Cause)
	}
	return b.String()
}

// Interrupted says that the user, or a signal, ended the installation.
type Interrupted struct{ Key snapshot.Key }

func (e *Interrupted) Error() string { return fmt.Sprintf("interrupted at %s", e.Key) }

// wait polls until every object of a group is ready. An API server that is
// away for a moment does not end the wait; the deadline does.
func wait(ctx context.Context, c *kube.Client, group []Step, o Options) error {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	pending := group
	said := ""
	for {
		pending = unready(deadline, c, pending)
		if len(pending) == 0 {
			return nil
		}
		if now := pending[0].Key.String(); now != said {
			o.Emit(Event{Type: Waiting, Component: title(group[0]), Object: now})
			said = now
		}
		if !kube.Pause(deadline, max(o.Poll, 100*time.Millisecond)) {
			if ctx.Err() != nil {
				return &Interrupted{pending[0].Key}
			}
			return causes(ctx, c, pending, time.Since(start))
		}
	}
}

func unready(ctx context.Context, c *kube.Client, steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		if ok, _ := look(ctx, c, s); !ok {
			out = append(out, s)
		}
	}
	return out
}

func look(ctx context.Context, c *kube.Client, s Step) (ready bool, why string) {
	o, err := c.Get(ctx, s.Manifest.Object.GroupVersionKind(), s.Key.Namespace, s.Key.Name)
	if err != nil {
		return false, kube.Message(err)
	}
	if s.awaitIstiod {
		return handedOver(o)
	}
	ok, why, err := kube.Ready(o)
	if err != nil {
		return false, err.Error()
	}
	return ok, why
}

// handedOver says whether istiod has taken a webhook over: it writes its CA
// bundle and, for validation, makes failures count. Until then the gate is
// open, or shut for everybody.
func handedOver(o *unstructured.Unstructured) (done bool, why string) {
	for _, hook := range snapshot.AdmissionWebhooks(o) {
		client, _ := hook["clientConfig"].(map[string]any)
		if bundle, _ := client["caBundle"].(string); bundle == "" {
			return false, fmt.Sprintf("istiod has not written the CA bundle of webhook %v", hook["name"])
		}
		if o.GetKind() == "ValidatingWebhookConfiguration" && hook["failurePolicy"] != "Fail" {
			return false, fmt.Sprintf("istiod has not turned the failure policy of webhook %v to Fail", hook["name"])
		}
	}
	return true, ""
}

// rootsFirst puts workloads before what waits for them, and leaves out webhooks
// that wait for an istiod which is not ready itself.
func rootsFirst(pending []Step) []Step {
	var workloads, rest []Step
	istiod := false
	for _, s := range pending {
		if s.Key.Group == "apps" {
			workloads = append(workloads, s)
			istiod = istiod || s.Manifest.Object.GetLabels()["app"] == "istiod"
		} else {
			rest = append(rest, s)
		}
	}
	if istiod {
		rest = slices.DeleteFunc(rest, func(s Step) bool { return s.awaitIstiod })
	}
	return append(workloads, rest...)
}

// causes asks, after the deadline, why each object is not ready. It returns
// nil where all of them are by now.
func causes(ctx context.Context, c *kube.Client, pending []Step, waited time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := &NotReady{Waited: waited}
	for _, s := range rootsFirst(pending) {
		o, getErr := c.Get(ctx, s.Manifest.Object.GroupVersionKind(), s.Key.Namespace, s.Key.Name)
		if getErr != nil {
			err.Objects = append(err.Objects, Pending{s.Key, kube.Message(getErr)})
			continue
		}
		ready, why := look(ctx, c, s)
		if ready {
			continue
		}
		if cause := c.Cause(ctx, o); cause != "" {
			why = cause
		}
		err.Objects = append(err.Objects, Pending{s.Key, why})
	}
	if len(err.Objects) == 0 {
		return nil
	}
	return err
}
