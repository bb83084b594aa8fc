package main

import "testing"

// TestRehearseOpenShift wants the profile that needs a kind of the platform to
// be rehearsed all the same.
func TestRehearseOpenShift(t *testing.T) {
	t.Setenv("MESHCTL_SANDBOX", builtBinary(t, "meshctl-sandbox"))
	meshctl(t, "rehearse", "--profile", "openshift").wants(t, exitOK, "POST006 injection-works", "the installation works")
}
