package ports

import (
	"net/url"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// destinations are the hosts that a VirtualService sends to.
func destinations(v *networking.VirtualService) []string {
	var out []string
	for _, r := range v.Spec.GetHttp() {
		for _, d := range r.GetRoute() {
			out = append(out, d.GetDestination().GetHost())
		}
		for _, d := range r.GetMirrors() {
			out = append(out, d.GetDestination().GetHost())
		}
		out = append(out, r.GetMirror().GetHost())
	}
	for _, r := range v.Spec.GetTcp() {
		for _, d := range r.GetRoute() {
			out = append(out, d.GetDestination().GetHost())
		}
	}
	for _, r := range v.Spec.GetTls() {
		for _, d := range r.GetRoute() {
			out = append(out, d.GetDestination().GetHost())
		}
	}
	return out
}

// hostsIn are the hosts that a setting of a program looks to name: it is a host
// or a URL as a whole, with or without a port, or a list of them.
func hostsIn(text string) []string {
	if _, value, ok := strings.Cut(text, "="); ok && strings.HasPrefix(text, "-") {
		text = value // --db=host:5432
	}
	if text == "" || len(text) > 1024 || strings.ContainsAny(text, " \t\n{") {
		return nil
	}
	var out []string
	for one := range strings.SplitSeq(text, ",") {
		if strings.Contains(one, "://") {
			if u, err := url.Parse(one); err == nil {
				one = u.Hostname()
			}
		}
		host, _, _ := strings.Cut(one, ":")
		if len(validation.IsDNS1123Subdomain(strings.TrimSuffix(host, "."))) == 0 {
			out = append(out, host)
		}
	}
	return out
}
