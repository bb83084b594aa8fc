package values

import (
	"strconv"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// autoscaled says whether an autoscaler is made for the workload.
func (w workload) autoscaled() bool {
	if !truth(w.values.Field("autoscaleEnabled")) {
		return false
	}
	low, okLow := integer(w.min())
	high, okHigh := integer(w.max())
	return !okLow || !okHigh || low != 0 && high != 0
}

// min and max are the autoscaler's bounds; what the component's k8s settings
// say wins over the values.
func (w workload) min() *document.Value {
	return set(w.k8s.At("hpaSpec", "minReplicas"), w.values.Field("autoscaleMin"))
}

func (w workload) max() *document.Value {
	return set(w.k8s.At("hpaSpec", "maxReplicas"), w.values.Field("autoscaleMax"))
}

func (w workload) replicas() *document.Value {
	return set(w.k8s.Field("replicaCount"), w.values.Field("replicaCount"))
}

// fewest is the number of pods that the workload has at its quietest.
func (w workload) fewest() (int, bool) {
	if w.autoscaled() {
		return integer(w.min())
	}
	if w.replicas() == nil {
		return 1, true
	}
	return integer(w.replicas())
}

// resources are the container's, the k8s settings laid over the values.
func (w workload) resources() *document.Value {
	return document.Merge(w.values.Field("resources"), w.k8s.Field("resources"))
}

// place is the first of the values that the user wrote, for a finding that
// is about several.
func (w workload) place(candidates ...*document.Value) finding.Locator {
	for _, v := range candidates {
		if w.wrote(v) {
			return w.original(v)
		}
	}
	return w.at
}

// origin says in a finding where a value comes from that the user did not
// write.
func (w workload) origin(v *document.Value) string {
	if w.wrote(v) {
		return ""
	}
	return ", the default"
}

// set returns the first value that is there and not null.
func set(values ...*document.Value) *document.Value {
	for _, v := range values {
		if v != nil && v.Kind != document.Null {
			return v
		}
	}
	return nil
}

func truth(v *document.Value) bool { return v != nil && v.Kind == document.Bool && v.IsTrue() }

// integer is a whole number that is written as one.
func integer(v *document.Value) (int, bool) {
	if v == nil || v.Kind != document.Int {
		return 0, false
	}
	n, err := strconv.Atoi(v.Text)
	return n, err == nil
}

// number is a number of any kind.
func number(v *document.Value) (float64, bool) {
	if v == nil || v.Kind != document.Int && v.Kind != document.Float {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.Text, 64)
	return n, err == nil
}

// chartGateway says whether the workload is chart gateway's, which writes
// what it gets into the objects as it is.
func (w workload) chartGateway() bool { return !w.operator && w.name != "istiod" }
