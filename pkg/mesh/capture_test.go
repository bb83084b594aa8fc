package mesh

import (
	"testing"

	"istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestHasAddress(t *testing.T) {
	m := Of(&snapshot.Snapshot{Target: snapshot.Target{Istio: facts.Embedded()}})
	entry := func(resolution v1alpha3.ServiceEntry_Resolution, addresses ...string) *networking.ServiceEntry {
		return &networking.ServiceEntry{Spec: v1alpha3.ServiceEntry{Resolution: resolution, Addresses: addresses}}
	}
	out := entry(v1alpha3.ServiceEntry_DNS)
	out.Labels = map[string]string{allocateLabel: "false"}
	for _, tc := range []struct {
		e    *networking.ServiceEntry
		want Answer
	}{
		{entry(v1alpha3.ServiceEntry_DNS, "192.0.2.1"), Yes}, {entry(v1alpha3.ServiceEntry_NONE), No}, {out, No}, {entry(v1alpha3.ServiceEntry_DNS), Unknown},
	} {
		if got := m.HasAddress(tc.e); got != tc.want {
			t.Errorf("%v: %v, want %v", tc.e.Spec.GetAddresses(), got, tc.want)
		}
	}
}
