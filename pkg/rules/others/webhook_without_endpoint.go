package others

import (
	"fmt"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhookWithoutEndpoint() *rule.Rule {
	return &rule.Rule{
		ID: "PRE031", Name: "webhook-without-endpoint", Category: "Webhooks", Severity: finding.Error,
		Stages: []rule.Stage{rule.Precheck},
		Needs: []snapshot.Part{
			snapshot.Rendered, snapshot.Existing, snapshot.Webhooks, snapshot.Namespaces, snapshot.Services, snapshot.EndpointSlices,
		},
		Summary: "An admission webhook with failurePolicy Fail is asked about objects of this installation, and nobody answers for it.",
		Why:     "The API server refuses every request that such a webhook wants to see, so the installation stops half-way or its pods never appear.",
		Fix:     "Bring the webhook's service back, or delete the webhook configuration where its program is gone.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			hooks, err := snapshot.Hooks(p.Webhooks...)
			if err != nil {
				p.Undecidedf("%v", err)
			}
			coming := map[snapshot.Key]bool{}
			for _, m := range p.Rendered {
				coming[snapshot.KeyOf(m.Object)] = true
			}
			behind, all, strict := backendsOf(p), requests(p), 0
			for _, dead := range byService(hooks) {
				ref := dead[0].ClientConfig.Service
				if coming[snapshot.KeyOf(dead[0].Config)] || coming[serviceKey(ref.Namespace, ref.Name)] {
					continue // this installation sees to it
				}
				strict += len(dead)
				if fault := behind.fault(ref); fault != "" {
					unanswered(p, dead, all, fault)
				}
			}
			p.Lookedf("%s with failurePolicy Fail, each with a service that answers", finding.Count(strict, "webhook"))
		},
	}
}

// byService groups the webhooks with failurePolicy Fail by configuration and
// service. What a URL leads to cannot be seen from here.
func byService(hooks []*snapshot.Hook) (out [][]*snapshot.Hook) {
	at := map[string]int{}
	for _, h := range hooks {
		ref := h.ClientConfig.Service
		if ref == nil || !h.Strict() {
			continue
		}
		key := fmt.Sprint(snapshot.KeyOf(h.Config), ref.Namespace, "/", ref.Name)
		if ref.Port != nil {
			key += fmt.Sprint(":", *ref.Port)
		}
		i, known := at[key]
		if !known {
			i, at[key] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], h)
	}
	return out
}

// unanswered reports webhooks of one service that cannot be reached.
func unanswered(p *rule.Pass, hooks []*snapshot.Hook, all []request, fault string) {
	var blocked []string
	at := (*snapshot.Hook)(nil)
	for _, h := range hooks {
		for _, r := range all {
			if !wants(h, r) {
				continue
			}
			if len(h.MatchConditions) > 0 {
				p.Undecidedf("webhook %s has no answering service, and whether its matchConditions take %s is not known", h.Name, r.name)
				break
			}
			if at == nil {
				at = h
			}
			blocked = append(blocked, r.name)
		}
	}
	ref := hooks[0].ClientConfig.Service
	what := fmt.Sprintf("calls Service/%s/%s, which %s", ref.Namespace, ref.Name, fault)
	switch {
	case at != nil:
		p.Reportf(hookPlace(at, "clientConfig.service"), "webhook %s has failurePolicy Fail and %s, so the API server will refuse %s; bring the service back or delete %s",
			at.Name, what, rule.Some(blocked), snapshot.KeyOf(at.Config))
	case hooks[0].OfIstio():
		f := p.Reportf(hookPlace(hooks[0], "clientConfig.service"), "webhook %s of an Istio that does not answer has failurePolicy Fail and %s, so the API server refuses %s that it selects; bring that istiod back or delete %s",
			hooks[0].Name, what, subjects(hooks[0]), snapshot.KeyOf(hooks[0].Config))
		f.Severity = finding.Warning
	}
}

func subjects(h *snapshot.Hook) string {
	if h.Mutating() {
		return "pods"
	}
	return "Istio's objects"
}

func hookPlace(h *snapshot.Hook, field string) finding.Location {
	return snapshot.Place(h.Config, "webhooks["+h.Name+"]."+field)
}
