package mesh

import (
	"slices"
	"testing"

	api "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func rule(namespace, name, host string, exportTo ...string) *networking.DestinationRule {
	r := &networking.DestinationRule{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	r.Spec.Host, r.Spec.ExportTo = host, exportTo
	return r
}

// What clients work with, as istiod looks it up.
func TestRulesFor(t *testing.T) {
	s := &snapshot.Snapshot{Objects: snapshot.Objects{MeshObjects: snapshot.MeshObjects{DestinationRules: []*networking.DestinationRule{
		rule("istio-system", "default", "*.local"),
		rule("istio-system", "gateways", "*.shop.svc.cluster.local", "."),
		rule("shop", "cart", "cart"),
		rule("shop", "all", "*.shop.svc.cluster.local"),
		rule("shop", "search", "search", "ads"),
		rule("shop", "private", "pay", "."),
		rule("ads", "shop", "*.shop.svc.cluster.local"),
	}}}}
	s.Provide(snapshot.DestinationRules)
	m := Of(s)
	for _, tc := range []struct{ host, owner, client, want string }{
		{"cart.shop.svc.cluster.local", "shop", "web", "shop/cart"},
		{"cart.shop.svc.cluster.local", "shop", "shop", "shop/cart"},
		{"cart.shop.svc.cluster.local", "shop", "ads", "ads/shop"}, // a wildcard of the client's comes first
		{"cart.shop.svc.cluster.local", "shop", "istio-system", "istio-system/gateways"},
		{"other.shop.svc.cluster.local", "shop", "web", "shop/all"},
		// The most specific one counts even where it is not exported.
		{"search.shop.svc.cluster.local", "shop", "web", "istio-system/default"},
		{"pay.shop.svc.cluster.local", "shop", "web", "shop/all"},
		{"pay.shop.svc.cluster.local", "shop", "shop", "shop/private"},
		{"reviews.bookinfo.svc.cluster.local", "bookinfo", "", "istio-system/default"},
		{"api.example.com", "bookinfo", "shop", ""},
	} {
		var got string
		if rules := m.RulesFor(tc.host, tc.owner, tc.client); len(rules) > 0 {
			got = rules[0].Namespace + "/" + rules[0].Name
		}
		if got != tc.want {
			t.Errorf("%s from %q: %q, want %q", tc.host, tc.client, got, tc.want)
		}
	}
}

func TestGatewayNames(t *testing.T) {
	got := GatewayNames([]string{"mesh", "public", "./own", "edge/tls", "old.istio-system.svc.cluster.local", "two.edge"}, "shop")
	want := []string{"mesh", "shop/public", "shop/own", "edge/tls", "istio-system/old", "edge/two"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRoots(t *testing.T) {
	root := &networking.VirtualService{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "root"}}
	root.Spec.Hosts = []string{"shop.example.com"}
	root.Spec.Http = []*api.HTTPRoute{{Delegate: &api.Delegate{Name: "cart", Namespace: "carts"}}}
	part := &networking.VirtualService{ObjectMeta: metav1.ObjectMeta{Namespace: "carts", Name: "cart"}}
	s := &snapshot.Snapshot{Objects: snapshot.Objects{MeshObjects: snapshot.MeshObjects{VirtualServices: []*networking.VirtualService{root, part}}}}
	s.Provide(snapshot.VirtualServices)
	for _, v := range Of(s).Routing() {
		if v.Delegate() != (v.Name == "cart") || v.Mesh() == v.Delegate() || (len(v.Roots) == 1) != v.Delegate() {
			t.Errorf("%s: %+v", v.Name, v)
		}
	}
}
