package meshgen

import (
	"bytes"
	"testing"
)

func TestSameSeedSameMesh(t *testing.T) {
	text := func(seed uint64) string {
		var out bytes.Buffer
		if err := Write(&out, Size{Services: 200, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if text(1) != text(1) {
		t.Error("one seed gives two meshes")
	}
	if text(1) == text(2) {
		t.Error("two seeds give one mesh")
	}
}
