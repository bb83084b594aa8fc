package record

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func example() *Record {
	return &Record{
		Version: Version, Owner: snapshot.Owner{Name: "mesh", Namespace: "istio-system", Revision: "canary"}, State: Applied, Started: time.Unix(1e9, 0).UTC(),
		Operator:  []byte(`{"spec":{"values":{"global":{"token":"s3cret"}}}}`),
		Inventory: []snapshot.Key{{Group: "apps", Kind: "Deployment", Namespace: "istio-system", Name: "istiod"}},
	}
}

func secretOf(t *testing.T, r *Record) *unstructured.Unstructured {
	t.Helper()
	content, err := data(r)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: map[string]any{"data": content}}
}

func TestRoundTrip(t *testing.T) {
	got, err := parse(secretOf(t, example()))
	if err != nil || !got.Same(example()) || !got.Started.Equal(example().Started) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestBroken wants a sentence without values for everything that is no record.
func TestBroken(t *testing.T) {
	spoilt := func(change func(data map[string]any)) *unstructured.Unstructured {
		o := secretOf(t, example())
		change(o.Object["data"].(map[string]any))
		return o
	}
	wrong := *example()
	wrong.Operator = []byte(`"s3cret"`)
	for name, o := range map[string]*unstructured.Unstructured{
		"newer":    spoilt(func(d map[string]any) { d[versionKey] = "djI=" }),
		"empty":    {Object: map[string]any{}},
		"no gzip":  spoilt(func(d map[string]any) { d[recordKey] = "czNjcmV0" }),
		"no JSON":  spoilt(func(d map[string]any) { d[recordKey] = "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==" }),
		"cut off":  spoilt(func(d map[string]any) { d[recordKey] = d[recordKey].(string)[:40] }),
		"no text":  spoilt(func(d map[string]any) { d[recordKey] = 7 }),
		"no field": spoilt(func(d map[string]any) { delete(d, recordKey) }),
	} {
		if r, err := parse(o); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestTooLarge gives a record that does not fit into a Secret however it is
// packed.
func TestTooLarge(t *testing.T) {
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = "abcdefghijklmnopqrstuvwxyz012345"[rand.IntN(32)]
	}
	r := example()
	r.Operator = []byte(`"` + string(noise) + `"`)
	_, err := data(r)
	var large *TooLarge
	if !errors.As(err, &large) || !Unwritable(err) {
		t.Errorf("got %v", err)
	}
}

// TestPending wants a run that is cut off to be known with everything that it
// may have left behind.
func TestPending(t *testing.T) {
	before, next := example(), example()
	gateway := snapshot.Key{Kind: "Service", Namespace: "istio-system", Name: "gateway"}
	before.Inventory = append(before.Inventory, gateway)
	got := next.Pending(before)
	if got.State != Applying || len(got.Inventory) != 2 || got.Inventory[1] != gateway || len(next.Inventory) != 1 {
		t.Errorf("%+v", got)
	}
	if alone := next.Pending(nil); alone.State != Applying || len(alone.Inventory) != 1 {
		t.Errorf("%+v", alone)
	}
}
