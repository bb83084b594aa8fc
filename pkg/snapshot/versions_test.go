package snapshot

import "testing"

func TestServes(t *testing.T) {
	for _, c := range []struct {
		group, kind, version string
		want                 bool
	}{
		{groupNetworking, "VirtualService", "v1", true},
		{groupNetworking, "VirtualService", "v1beta1", true},
		{groupNetworking, "VirtualService", "v1alpha3", true},
		{groupNetworking, "VirtualService", "v1alpha4", false},
		{groupNetworking, "EnvoyFilter", "v1alpha3", true},
		{groupNetworking, "EnvoyFilter", "v1", false},
		{groupNetworking, "ProxyConfig", "v1beta1", true},
		{groupSecurity, "AuthorizationPolicy", "v1beta1", true},
		{groupSecurity, "AuthorizationPolicy", "v1alpha1", false},
		{"telemetry.istio.io", "Telemetry", "v1alpha1", true},
		{groupExtensions, "WasmPlugin", "v1alpha1", true},
		{"apps", "Deployment", "v1beta1", true}, // the server's business
	} {
		for _, k := range ObjectKinds() {
			if k.Group == c.group && k.Kind == c.kind && k.Serves(c.version) != c.want {
				t.Errorf("%s of %s/%s: want %t", c.kind, c.group, c.version, c.want)
			}
		}
	}
}
