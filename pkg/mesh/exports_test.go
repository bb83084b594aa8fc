package mesh

import "testing"

func TestAudience(t *testing.T) {
	var a Audience[string]
	a.Add(visibility([]string{"~"}, nil, "hidden"), "hidden")
	a.Add(visibility([]string{".", "crm"}, nil, "shop"), "shop")
	for _, tc := range []struct {
		exportTo []string
		want     string
	}{{nil, "shop"}, {[]string{"crm"}, "shop"}, {[]string{"."}, ""}, {[]string{"~"}, ""}} {
		if got, _ := a.Meets(visibility(tc.exportTo, nil, "other")); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.exportTo, got, tc.want)
		}
	}
	a.Add(visibility(nil, nil, "egress"), "public")
	if got, _ := a.Meets(visibility([]string{"."}, nil, "other")); got != "public" {
		t.Errorf("%q, want the one that everybody sees", got)
	}
}
