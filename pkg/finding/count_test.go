package finding

import (
	"strings"
	"testing"
)

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

func TestApart(t *testing.T) {
	same := strings.Repeat("x", 100)
	for _, tc := range [][4]string{
		{"a", "b", "a", "b"},
		{same, same + "1", "..." + strings.Repeat("x", 20), "..." + strings.Repeat("x", 20) + "1"},
		{same + "1", "", same + "1", ""},
		{"1" + same, "2" + same, "1" + same, "2" + same},
	} {
		if a, b := Apart(tc[0], tc[1], 80); a != tc[2] || b != tc[3] {
			t.Errorf("%q, %q: %q, %q", tc[0], tc[1], a, b)
		}
	}
}
