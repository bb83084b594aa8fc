package live

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhookEndpoints() *rule.Rule {
	return &rule.Rule{
		ID: "POST009", Name: "webhook-endpoints", Category: "Webhooks", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Webhooks, snapshot.Services, snapshot.EndpointSlices, snapshot.Rendered},
		Summary: "The service that a webhook of istiod calls does not exist or has no ready endpoint, whatever the revision or tag.",
		Why:     "The API server has nobody to ask: with failurePolicy Fail it refuses pods or configuration, with Ignore pods start without a sidecar.",
		Fix:     "Bring up the istiod of that revision, point the tag to one that runs, or delete the webhook configuration.",
		Hints:   []string{"S1"}, Equivalents: []string{"IST0139"},
		Run: func(p *rule.Pass) {
			index, looked := endpointsOf(p.EndpointSlices), map[string][]hook{}
			for _, h := range hooks(p) {
				if h.service.Name != "" {
					key := h.service.String()
					looked[key] = append(looked[key], h)
				}
			}
			for _, all := range looked {
				served(p, all, index)
			}
			if len(looked) == 0 {
				p.Undecidedf("no webhook of istiod calls a service")
			}
			p.Lookedf("%s of webhooks have ready endpoints", finding.Count(len(looked), "service"))
		},
	}
}

// served judges the webhooks that call one service.
func served(p *rule.Pass, all []hook, index map[snapshot.Key][]*discoveryv1.EndpointSlice) {
	h := all[0]
	var names []string
	all = slices.DeleteFunc(slices.Clone(all), func(h hook) bool { return leadsNowhere(p, snapshot.KeyOf(h.config)) })
	if len(all) == 0 {
		return
	}
	h = all[0]
	for _, one := range all {
		if name := snapshot.KeyOf(one.config).String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	i := slices.IndexFunc(p.Services, func(s *corev1.Service) bool {
		return s.Namespace == h.service.Namespace && s.Name == h.service.Name
	})
	switch {
	case i < 0 && installed(p, h):
		return // POST002 says so
	case i < 0:
		p.Reportf(h.at("clientConfig.service"), "%s does not exist; it is called by %s", h.service, sorted(names))
	case p.Services[i].Spec.Type == corev1.ServiceTypeExternalName:
		p.Undecidedf("%s leads outside the cluster", h.service)
	case ready(index[h.service], portName(p.Services[i], h.port)) == 0:
		p.Reportf(h.at("clientConfig.service"), "%s has no ready endpoint; it is called by %s", h.service, sorted(names))
	}
}

// installed says whether a webhook belongs to what is verified.
func installed(p *rule.Pass, h hook) bool {
	key := snapshot.KeyOf(h.config)
	return slices.ContainsFunc(p.Rendered, func(m snapshot.Manifest) bool { return snapshot.KeyOf(m.Object) == key })
}

// endpointsOf sorts slices by the service that they belong to.
func endpointsOf(all []*discoveryv1.EndpointSlice) map[snapshot.Key][]*discoveryv1.EndpointSlice {
	out := map[snapshot.Key][]*discoveryv1.EndpointSlice{}
	for _, s := range all {
		key := snapshot.Key{Kind: "Service", Namespace: s.Namespace, Name: s.Labels[discoveryv1.LabelServiceName]}
		out[key] = append(out[key], s)
	}
	return out
}

// portName is the name by which endpoints know a service's port.
func portName(s *corev1.Service, port int64) string {
	for _, p := range s.Spec.Ports {
		if int64(p.Port) == port {
			return p.Name
		}
	}
	return ""
}

// ready counts the endpoints that take traffic on a port.
func ready(all []*discoveryv1.EndpointSlice, port string) int {
	n := 0
	for _, s := range all {
		if !slices.ContainsFunc(s.Ports, func(p discoveryv1.EndpointPort) bool {
			return p.Name == nil && port == "" || p.Name != nil && *p.Name == port
		}) {
			continue
		}
		for _, e := range s.Endpoints {
			if e.Conditions.Ready == nil || *e.Conditions.Ready {
				n++
			}
		}
	}
	return n
}
