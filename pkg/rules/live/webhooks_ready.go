package live

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhooksReady() *rule.Rule {
	return &rule.Rule{
		ID: "POST002", Name: "webhooks-ready", Category: "Webhooks", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Verify},
		Needs:       []snapshot.Part{snapshot.Rendered, snapshot.Live},
		Summary:     "An admission webhook of istiod lacks its CA bundle, still ignores failures, or points to a service that is not there.",
		Why:         "Without them invalid mesh configuration is accepted, or pods start without a sidecar or not at all.",
		Fix:         "Read istiod's log for errors about webhooks, check its RBAC, and that the API server reaches port 15017.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			count := 0
			if key, waits := awaitsIstiod(p); waits {
				p.Undecidedf("%s is not ready, and writes to the webhooks when it is", key) // POST001 says why
				return
			}
			for _, m := range p.Rendered {
				kind := m.Object.GetKind()
				state := p.Live[snapshot.KeyOf(m.Object)]
				live := state.Object
				if kind != "MutatingWebhookConfiguration" && kind != "ValidatingWebhookConfiguration" {
					continue
				}
				if live == nil {
					p.Undecidedf("%s: %s", snapshot.KeyOf(m.Object), cmp.Or(state.Unknown, "is missing")) // POST001 reports it
					continue
				}
				wanted := policies(m.Object)
				for _, hook := range snapshot.AdmissionWebhooks(live) {
					count++
					judge(p, live, hook, wanted[fmt.Sprint(hook["name"])])
				}
			}
			if count == 0 {
				p.Undecidedf("the installation has no webhooks")
			}
			p.Lookedf("%s with CA bundle, failure policy and service", finding.Count(count, "webhook"))
		},
	}
}

// awaitsIstiod says whether the istiod that the webhooks wait for has never
// been ready: then none of them has its CA bundle.
func awaitsIstiod(p *rule.Pass) (snapshot.Key, bool) {
	for _, m := range p.Rendered {
		key := snapshot.KeyOf(m.Object)
		state := p.Live[key]
		if key.Kind != "Deployment" || m.Object.GetLabels()["app"] != "istiod" || state.Object == nil || state.Ready {
			continue
		}
		if ready, _, _ := unstructured.NestedInt64(state.Object.Object, "status", "readyReplicas"); ready == 0 {
			return key, true
		}
	}
	return snapshot.Key{}, false
}

// policies are the failure policies that the manifest asks for.
func policies(o *unstructured.Unstructured) map[string]string {
	out := map[string]string{}
	for _, hook := range snapshot.AdmissionWebhooks(o) {
		out[fmt.Sprint(hook["name"])] = fmt.Sprint(hook["failurePolicy"])
	}
	return out
}

func judge(p *rule.Pass, o *unstructured.Unstructured, hook map[string]any, wanted string) {
	name := fmt.Sprint(hook["name"])
	at := func(field string) finding.Location { return snapshot.Place(o, "webhooks["+name+"]."+field) }
	client, _ := hook["clientConfig"].(map[string]any)
	if bundle, _ := client["caBundle"].(string); bundle == "" {
		p.Reportf(at("clientConfig.caBundle"), "webhook %s has no CA bundle, so the API server cannot trust istiod", name)
	}
	switch policy := fmt.Sprint(hook["failurePolicy"]); {
	case o.GetKind() == "ValidatingWebhookConfiguration" && policy != "Fail":
		p.Reportf(at("failurePolicy"), "webhook %s has failurePolicy %s; istiod turns it to Fail once it can answer, and has not", name, policy)
	case o.GetKind() == "MutatingWebhookConfiguration" && wanted == "Fail" && policy != wanted:
		p.Reportf(at("failurePolicy"), "webhook %s has failurePolicy %s, expected is %s: pods start without a sidecar while istiod is away", name, policy, wanted)
	}
	service, ok := client["service"].(map[string]any)
	if !ok {
		return // a URL points outside the cluster; the probes say whether it answers
	}
	key := snapshot.Key{Kind: "Service", Namespace: fmt.Sprint(service["namespace"]), Name: fmt.Sprint(service["name"])}
	target, rendered := p.Live[key]
	switch {
	case !rendered:
		p.Undecidedf("webhook %s calls %s, which is not part of this installation", name, key)
	case target.Unknown != "":
		p.Undecidedf("webhook %s calls %s: %s", name, key, target.Unknown)
	case target.Object == nil:
		p.Reportf(at("clientConfig.service"), "webhook %s calls %s, which does not exist", name, key)
	case !hasPort(target.Object, service["port"]):
		p.Reportf(at("clientConfig.service.port"), "webhook %s calls port %v of %s, which the service does not have", name, service["port"], key)
	}
}

// hasPort treats a missing port as 443, as the API server does.
func hasPort(service *unstructured.Unstructured, port any) bool {
	if port == nil {
		port = int64(443)
	}
	ports, _, _ := unstructured.NestedSlice(service.Object, "spec", "ports")
	for _, entry := range ports {
		if m, ok := entry.(map[string]any); ok && m["port"] == port {
			return true
		}
	}
	return false
}
