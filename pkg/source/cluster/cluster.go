// Package cluster reads a live cluster into a snapshot. What may not or
// cannot be read is recorded there with its reason; nothing is assumed.
package cluster

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Kinds that are read.
var (
	nodes             = schema.GroupVersionKind{Version: "v1", Kind: "Node"}
	namespaces        = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	crds              = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	deployments       = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	mutatingWebhook   = schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration"}
	validatingWebhook = schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingWebhookConfiguration"}
)

// Identify finds out which platform the cluster runs on, unless the user said
// so. What may not be read is a gap; its error says that the API server does
// not answer.
func Identify(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	if s.Target.Platform != "" {
		s.Provide(snapshot.Platform)
		return nil
	}
	evidence := facts.Evidence{Version: s.Target.Kubernetes}
	groups, groupErr := c.Groups(ctx)
	evidence.APIGroups = groups
	list, nodeErr := c.List(ctx, nodes, "", "")
	for _, n := range list {
		evidence.Nodes = append(evidence.Nodes, nodeFacts(n))
	}
	for _, err := range []error{groupErr, nodeErr} {
		if kube.Broken(err) {
			return c.Explain(err)
		}
	}
	id, _ := facts.DetectPlatform(evidence)
	switch {
	case id != "":
		s.Target.Platform = id
		s.Provide(snapshot.Platform)
	case nodeErr != nil:
		s.Miss(snapshot.Platform, "platform: nodes could not be listed: "+reason(nodeErr)+"; name it with --platform")
	case groupErr != nil:
		s.Miss(snapshot.Platform, "platform: API groups could not be listed: "+reason(groupErr))
	default:
		s.Target.Platform = "generic"
		s.Provide(snapshot.Platform)
	}
	return nil
}

// DefaultTagElsewhere says whether the default revision tag exists and points
// to another revision than the given one.
func DefaultTagElsewhere(ctx context.Context, c *kube.Client, revision string) (bool, error) {
	list, err := c.List(ctx, mutatingWebhook, "", "app=sidecar-injector,istio.io/tag=default")
	if kube.Forbidden(err) {
		// Who may not look at webhooks may not move the tag either.
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the default revision tag: %w", c.Explain(err))
	}
	for _, o := range list {
		if o.GetLabels()["istio.io/rev"] != revision {
			return true, nil
		}
	}
	return false, nil
}

// Precheck reads what the checks before an installation look at, for the
// objects that s.Rendered holds. Reads are independent and run in parallel.
// What the API server refuses is a gap; its error says that it did not answer.
func Precheck(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var broken error
	do := func(part snapshot.Part, read func() error) {
		wg.Go(func() {
			err := read()
			mu.Lock()
			defer mu.Unlock()
			if kube.Broken(err) {
				broken = c.Explain(err)
			}
			record(s, part, err)
		})
	}
	do(snapshot.CRDs, func() (err error) { s.CRDs, err = c.List(ctx, crds, "", ""); return err })
	do(snapshot.Namespaces, func() (err error) { s.Namespaces, err = c.List(ctx, namespaces, "", ""); return err })
	do(snapshot.ControlPlanes, func() (err error) { s.ControlPlanes, err = c.List(ctx, deployments, "", "app=istiod"); return err })
	do(snapshot.Webhooks, func() error { return webhooks(ctx, c, s) })
	do(snapshot.Kinds, func() (err error) { s.UnknownKinds, err = kinds(c, s.Rendered); return err })
	do(snapshot.Access, func() (err error) { s.Access, err = access(ctx, c, s.Rendered); return err })
	wg.Wait()
	running(s)
	return broken
}

func webhooks(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	for _, gvk := range []schema.GroupVersionKind{mutatingWebhook, validatingWebhook} {
		list, err := c.List(ctx, gvk, "", "")
		if err != nil {
			return err
		}
		s.Webhooks = append(s.Webhooks, list...)
	}
	return nil
}

func record(s *snapshot.Snapshot, part snapshot.Part, err error) {
	if err != nil {
		s.Miss(part, string(part)+": "+reason(err))
		return
	}
	s.Provide(part)
}

// reason is an error in the words of the API server, on one line.
func reason(err error) string {
	text := strings.Join(strings.Fields(kube.Message(err)), " ")
	if kube.Forbidden(err) {
		return "forbidden: " + strings.TrimPrefix(text, "forbidden: ")
	}
	return text
}
