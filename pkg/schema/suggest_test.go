package schema

import "testing"

// TestSuggestValue wants no suggestion that only looks like the name.
func TestSuggestValue(t *testing.T) {
	for _, c := range []struct {
		name, want string
		values     []string
	}{
		{"HTTP", "", []string{"TCP", "UDP", "SCTP"}},
		{"UPD", "UDP", []string{"TCP", "UDP", "SCTP"}},
		{"tcp", "TCP", []string{"TCP", "UDP", "SCTP"}},
		{"TLS1.2", "TLSV1_2", []string{"TLSV1_0", "TLSV1_2"}},
		{"Prefix", "PathPrefix", []string{"Exact", "PathPrefix", "RegularExpression"}},
		{"REGISTRY", "REGISTRY_ONLY", []string{"REGISTRY_ONLY", "ALLOW_ANY"}},
		{"LEAST", "", []string{"LEAST_CONN", "LEAST_REQUEST"}},
		{"", "", []string{"TCP"}},
	} {
		if got := SuggestValue(c.name, c.values); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}
