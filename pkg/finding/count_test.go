package finding

import "testing"

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 object": Count(1, "object"), "0 objects": Count(0, "object"), "2 proxies": Count(2, "proxy"), "1 proxy": Count(1, "proxy"),
		"3 keys": Count(3, "key"), "2 gateways": Count(2, "gateway"), "4 addresses": Count(4, "address"), "2 services of gateways": Count(2, "service of gateways"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
