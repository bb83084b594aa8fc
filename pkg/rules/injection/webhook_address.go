package injection

import (
	"fmt"
	"net/netip"
	"net/url"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func webhookAddress() *rule.Rule {
	return &rule.Rule{
		ID: "INJ011", Name: "webhook-address", Category: category, Severity: finding.Error,
		Stages:      []rule.Stage{rule.Analyze},
		Needs:       []snapshot.Part{snapshot.Webhooks},
		Summary:     "A webhook of Istio names neither a Service nor a URL, or a URL with an IP address.",
		Why:         "The API server refuses the one, and does not trust the other unless the certificate of that control plane names the address.",
		Fix:         "Set istiodRemote.injectionURL, and base.validationURL, to the host name of the control plane, as in https://istiod.example.com:15017/inject.",
		Hints:       []string{"S1"},
		Equivalents: []string{"IST0163", "IST0164"},
		Run: func(p *rule.Pass) {
			looked := 0
			hooks, err := snapshot.Hooks(p.Webhooks...)
			if err != nil {
				p.Undecidedf("%v", err)
			}
			for _, h := range hooks {
				if h.OfIstio() {
					looked++
					judgeAddress(p, h)
				}
			}
			p.Lookedf("%s of Istio", finding.Count(looked, "webhook"))
		},
	}
}

func judgeAddress(p *rule.Pass, h *snapshot.Hook) {
	to := h.ClientConfig
	if to.URL == nil {
		if to.Service == nil {
			p.Reportf(hookPlace(h, ""), "webhook %s names neither a Service nor a URL, so the API server refuses its configuration", h.Name)
		}
		return
	}
	at := hookPlace(h, ".url")
	u, err := url.Parse(*to.URL)
	address := func() bool { _, err := netip.ParseAddr(u.Hostname()); return err == nil }
	switch {
	case err != nil || u.Scheme != "https" || u.Hostname() == "":
		p.Reportf(at, "webhook %s has a URL that the API server refuses; it begins with https:// and a host name", h.Name)
	case address():
		f := p.Reportf(at, "webhook %s calls the address %s; use the host name that the certificate of the control plane has", h.Name, u.Hostname())
		f.Severity = finding.Warning
	}
}

// hookPlace is how a webhook is called.
func hookPlace(h *snapshot.Hook, field string) finding.Location {
	return snapshot.Place(h.Config, fmt.Sprintf("webhooks[%s].clientConfig%s", h.Name, field))
}
