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
	first, again := text(1), text(1)
	if first != again {
		t.Error("one seed gives two meshes")
	}
	if first == text(2) {
		t.Error("two seeds give one mesh")
	}
}
