package mesh

import (
	"fmt"
	"slices"
	"testing"
)

// TestSelectingOrder asks often, because the order of labels differs each time.
func TestSelectingOrder(t *testing.T) {
	var x Selecting[int]
	labels := map[string]string{}
	for i := range 8 {
		key := fmt.Sprint("label", i)
		labels[key] = "yes"
		x.Add("shop", map[string]string{key: "yes"}, i)
	}
	for range 50 {
		if found := x.By("shop", labels); !slices.IsSorted(found) || len(found) != 8 {
			t.Fatalf("found in the order %v", found)
		}
	}
}
