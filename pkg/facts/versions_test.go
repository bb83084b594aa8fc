package facts

import (
	"os"
	"strings"
	"testing"
)

// TestMinorsAreNumbers wants versions to be compared as numbers, not as texts,
// and patches to be no step.
func TestMinorsAreNumbers(t *testing.T) {
	minor := func(text string) Minor {
		t.Helper()
		m, err := ParseMinor(text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, pair := range [][2]string{{"1.9.9", "1.10.0"}, {"1.9", "1.31.0"}, {"v1.31.10", "1.32"}, {"1.31.0-distroless", "2.0"}} {
		if older, newer := minor(pair[0]), minor(pair[1]); !older.Before(newer) || newer.Before(older) {
			t.Errorf("%s is not older than %s", pair[0], pair[1])
		}
	}
	for _, text := range []string{"1.31.9", "1.31.10", "v1.31", "1.31.10-distroless", "1.31-alpha.3"} {
		if minor(text) != minor("1.31.0") {
			t.Errorf("%s is another minor than 1.31.0", text)
		}
	}
	for _, text := range []string{"", "latest", "1", "1.x", "a.1"} {
		if m, err := ParseMinor(text); err == nil {
			t.Errorf("%q is read as %s", text, m)
		}
	}
}

// TestEmbeddedKubernetes compares with the module that the types are of.
func TestEmbeddedKubernetes(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "k8s.io/api v0." + strings.TrimPrefix(EmbeddedKubernetes().String(), "1.") + "."; !strings.Contains(string(text), want) {
		t.Errorf("go.mod has no %s", want)
	}
}
