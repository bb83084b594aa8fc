package mesh

import (
	"testing"

	"istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
)

func TestImports(t *testing.T) {
	s := &networking.Sidecar{Spec: v1alpha3.Sidecar{Egress: []*v1alpha3.IstioEgressListener{{Hosts: []string{"./*", "no-slash", "*/*.example.com", "~legacy/*", "~/*.internal"}}}}}
	s.Namespace = "shop"
	imports := Imports(s)
	if len(imports) != 4 {
		t.Fatalf("%v", imports)
	}
	for _, tc := range []struct {
		i               int
		host, namespace string
		want            bool
	}{
		{0, "cart.shop.svc.cluster.local", "shop", true}, {0, "cart.shop.svc.cluster.local", "crm", false},
		{1, "api.example.com", "crm", true}, {1, "example.com", "crm", false}, {1, "*.eu.example.com", "crm", true}, {1, "*", "crm", false},
		{2, "a.b", "legacy", true}, {3, "x.internal", "any", true},
	} {
		if got := imports[tc.i].Takes(tc.host, tc.namespace); got != tc.want {
			t.Errorf("%s takes %s of %s: %v", imports[tc.i].Text, tc.host, tc.namespace, got)
		}
	}
	if !imports[2].Excluded || !imports[3].Excluded || imports[3].Namespace != "*" || !imports[0].Own {
		t.Errorf("%+v", imports)
	}
	if !Restricts(s) || Restricts(&networking.Sidecar{}) {
		t.Error("a Sidecar without egress imports everything")
	}
}
