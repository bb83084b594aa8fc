// Package cluster reads a live cluster into a snapshot. What may not or
// cannot be read is recorded there with its reason; nothing is assumed.
package cluster

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Identify finds out which platform the cluster runs on, unless the user said
// so. What may not be read is a gap; its error says that the API server does
// not answer.
func Identify(ctx context.Context, c *kube.Client, s *snapshot.Snapshot) error {
	groups, groupErr := c.Groups(ctx)
	if kube.Broken(groupErr) {
		return c.Explain(groupErr)
	}
	if err := Read(ctx, c, s, []snapshot.Part{snapshot.Nodes}); err != nil {
		return err
	}
	Recognise(s, groups)
	if ok, _ := s.Has(snapshot.Platform); !ok && groupErr != nil {
		s.Miss(snapshot.Platform, "platform: API groups could not be listed: "+reason(groupErr))
	}
	return nil
}

// Recognise derives the platform from the version, the nodes and the names of
// the API groups that the cluster serves.
func Recognise(s *snapshot.Snapshot, groups []string) {
	if s.Target.Platform != "" {
		s.Provide(snapshot.Platform)
		return
	}
	evidence := facts.Evidence{Version: s.Target.Kubernetes, APIGroups: groups}
	for _, n := range s.Nodes {
		evidence.Nodes = append(evidence.Nodes, nodeFacts(n))
	}
	known, why := s.Has(snapshot.Nodes)
	id, _ := facts.DetectPlatform(evidence)
	switch {
	case id != "":
		s.Target.Platform = id
		s.Provide(snapshot.Platform)
	case !known:
		s.Miss(snapshot.Platform, "platform: "+why+"; name it with --platform")
	case len(groups) == 0:
		s.Miss(snapshot.Platform, "platform: no API groups are known")
	default:
		s.Target.Platform = "generic"
		s.Provide(snapshot.Platform)
	}
}

// DefaultTag says where the default revision tag of a cluster is: elsewhere if
// it points to another revision than the given one, and byHand if it was set
// with a command (meshctl tag, istioctl tag), so that it belongs to no
// installation: those sign it. Where nothing of what it stands for is left, it
// is nobody's choice any more.
func DefaultTag(ctx context.Context, c *kube.Client, revision string) (elsewhere, byHand bool, err error) {
	list, err := c.List(ctx, mutatingWebhook, "", "app=sidecar-injector,istio.io/tag=default")
	if kube.Forbidden(err) {
		// Who may not look at webhooks may not move the tag either.
		return true, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("looking for the default revision tag: %w", c.Explain(err))
	}
	for _, o := range list {
		elsewhere = elsewhere || o.GetLabels()["istio.io/rev"] != revision
		if o.GetLabels()["operator.istio.io/managed"] == "" {
			alive, err := leadsSomewhere(ctx, c, o)
			if err != nil {
				return false, false, err
			}
			byHand = byHand || alive
		}
	}
	return elsewhere, byHand, nil
}

// leadsSomewhere says whether the service that a tag's webhooks call is there.
func leadsSomewhere(ctx context.Context, c *kube.Client, tag *unstructured.Unstructured) (bool, error) {
	// All webhooks of a tag call one service.
	if hooks := snapshot.AdmissionWebhooks(tag); len(hooks) > 0 {
		hook := hooks[0]
		name, _, _ := unstructured.NestedString(hook, "clientConfig", "service", "name")
		namespace, _, _ := unstructured.NestedString(hook, "clientConfig", "service", "namespace")
		if name == "" {
			return true, nil // an address outside of the cluster
		}
		_, err := c.Get(ctx, schema.GroupVersionKind{Version: "v1", Kind: "Service"}, namespace, name)
		if err != nil && !kube.NotFound(err) && !kube.Forbidden(err) {
			return false, fmt.Errorf("looking for what the default revision tag stands for: %w", c.Explain(err))
		}
		return !kube.NotFound(err), nil
	}
	return true, nil
}
