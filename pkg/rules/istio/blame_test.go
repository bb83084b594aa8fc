package istio

import (
	"testing"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestBlamed wants a place only where a message names something that stands
// once.
func TestBlamed(t *testing.T) {
	vs := &networking.VirtualService{ObjectMeta: metav1.ObjectMeta{Name: "web-1", Namespace: "shop"}, Spec: api.VirtualService{
		Hosts: []string{"web_1.example.com", "shop"},
		Http: []*api.HTTPRoute{{Name: "v1-route", Route: []*api.HTTPRouteDestination{
			{Destination: &api.Destination{Host: "web-1"}, Weight: -10}, {Destination: &api.Destination{Host: "both-2"}, Weight: 100},
		}, Mirror: &api.Destination{Host: "both-2"}, Retries: &api.HTTPRetry{Attempts: 2, RetryOn: "oops-7"}}},
	}}
	for text, want := range map[string]string{
		"weight -10 < 0":                                   "spec.http[0].route[0].weight",
		"total destination weight 90 != 100":               "",
		`domain name "web_1.example.com" invalid`:          "spec.hosts[0]",
		"invalid host web_1.example.com":                   "spec.hosts[0]",
		"invalid destination both-2":                       "", // twice
		"short name shop is no host":                       "", // may be a word
		`"shop" is no host`:                                "spec.hosts[1]",
		"\"oops-7\" is not a valid retryOn policy":         "spec.http[0].retries.retryOn",
		"http.retries.retryOn is wrong":                    "spec.http[0].retries.retryOn",
		"a VirtualService must have a route":               "",
		"`from.source` must not be empty, found at rule 0": "",
	} {
		o := &origin{object: vs}
		if got := o.blamed("Schema validation error: " + text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
