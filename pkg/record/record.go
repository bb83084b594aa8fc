// Package record keeps in the cluster what was installed there: one Secret for
// each installation, so that it can be verified, planned anew and removed
// without the files that it came from.
package record

import (
	"encoding/json"
	"time"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Version names the form of a record. A reader that does not know it refuses
// the record: half understood, it could remove what it should not.
const Version = "meshctl.installation/v1"

// State says how far an installation came.
type State string

// The states.
const (
	Applying State = "applying" // written before the first object
	Applied  State = "applied"  // everything was applied and was ready
	Removing State = "removing" // written before the first object is deleted
)

// Record is what is known of one installation.
type Record struct {
	Version string         `json:"version"`
	Owner   snapshot.Owner `json:"owner"`
	State   State          `json:"state"`
	Started time.Time      `json:"started"`
	// Finished is zero while the installation runs, or where it was cut off.
	Finished time.Time `json:"finished,omitzero"`
	// Manager is the field manager that the objects were applied with.
	Manager string `json:"manager"`
	// Meshctl and Istio are the versions that made the objects.
	Meshctl string `json:"meshctl"`
	Istio   string `json:"istio"`
	// Platform is what the user said that the cluster is; "" for detected.
	Platform string `json:"platform,omitempty"`
	// Operator is the IstioOperator as the user wrote it, files merged.
	Operator json.RawMessage `json:"operator"`
	// Inventory holds every object that was applied, in that order.
	Inventory []snapshot.Key `json:"inventory"`
}

// Same says whether two records tell of the same installation, whenever it
// was made.
func (r *Record) Same(other *Record) bool {
	if r == nil || other == nil {
		return r == other
	}
	a, b := *r, *other
	a.Started, a.Finished, b.Started, b.Finished = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	left, errA := json.Marshal(a)
	right, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(left) == string(right)
}

// Pending is the record of an installation that is about to be applied over
// another one: as long as it runs, the objects of both may be there.
func (r *Record) Pending(before *Record) *Record {
	out := *r
	out.State, out.Finished = Applying, time.Time{}
	if before == nil {
		return &out
	}
	known := map[snapshot.Key]bool{}
	for _, k := range r.Inventory {
		known[k] = true
	}
	out.Inventory = append([]snapshot.Key(nil), r.Inventory...)
	for _, k := range before.Inventory {
		if !known[k] {
			out.Inventory = append(out.Inventory, k)
		}
	}
	return &out
}
