package main

import (
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestUnreadable wants a cluster that gives nothing to be no mesh in order, and
// one that gives something to be judged by that.
func TestUnreadable(t *testing.T) {
	wanted := []snapshot.Part{snapshot.Documents, snapshot.VirtualServices, snapshot.Services, snapshot.Pods}
	snap := &snapshot.Snapshot{}
	snap.Provide(snapshot.VirtualServices) // it has no such kind
	snap.Miss(snapshot.Services, "services is forbidden")
	snap.Miss(snapshot.Pods, "pods is forbidden")
	if err := unreadable(snap, wanted); err == nil || !strings.Contains(err.Error(), "is forbidden") {
		t.Errorf("got %v", err)
	}
	if err := unreadable(snap, []snapshot.Part{snapshot.Documents}); err != nil {
		t.Errorf("nothing was wanted: %v", err)
	}
	snap.Provide(snapshot.Pods)
	if err := unreadable(snap, wanted); err != nil {
		t.Error(err)
	}
}
