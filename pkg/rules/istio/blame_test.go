package istio

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/types/known/durationpb"
	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pkg/config/schema/collections"
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
		if got := o.blamed("Schema validation error: "+text, ""); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestPlace wants the part of a long list that a message is about, and of a
// message that is said twice both places.
func TestPlace(t *testing.T) {
	vs := &networking.VirtualService{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"}, Spec: api.VirtualService{Hosts: []string{"web"}}}
	for range 300 {
		vs.Spec.Http = append(vs.Spec.Http, &api.HTTPRoute{Route: []*api.HTTPRouteDestination{{Destination: &api.Destination{Host: "web"}}}})
	}
	vs.Spec.Http[170].Timeout = durationpb.New(1)
	rule := &networking.DestinationRule{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"}, Spec: api.DestinationRule{Host: "web"}}
	for _, name := range []string{"v1", "v2", "v3"} {
		rule.Spec.Subsets = append(rule.Spec.Subsets, &api.Subset{Name: name, TrafficPolicy: &api.TrafficPolicy{OutlierDetection: &api.OutlierDetection{Interval: durationpb.New(1)}}})
	}
	many := &networking.VirtualService{ObjectMeta: vs.ObjectMeta, Spec: api.VirtualService{Http: vs.Spec.Http[:1]}}
	for i := range 100 {
		many.Spec.Hosts = append(many.Spec.Hosts, fmt.Sprintf("web-%d", i%70))
	}
	if got := newBlame().place(&origin{object: many, schema: collections.VirtualService}, "duplicate hosts in virtual service: web-3 & web-3"); got != "spec.hosts[73]" {
		t.Errorf("%q, of a host that is there twice", got)
	}
	const text = "duration must be greater than 1ms"
	for want, o := range map[string]*origin{
		"spec.http[170].timeout":                                  {object: vs, schema: collections.VirtualService},
		"spec.subsets[0].trafficPolicy.outlierDetection.interval": {object: rule, schema: collections.DestinationRule},
	} {
		if got := newBlame().place(o, text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	o, b := &origin{object: rule, schema: collections.DestinationRule}, newBlame()
	var got []string
	for range 3 {
		got = append(got, b.place(o, text)[:len("spec.subsets[0]")])
	}
	if want := []string{"spec.subsets[0]", "spec.subsets[1]", "spec.subsets[2]"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	b.left = 10
	if got := b.place(o, text); got != "" {
		t.Errorf("%q after enough was tried", got)
	}
}
