package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/writer"
)

// subjectOf says what an installation is: version, revision and namespace.
func subjectOf(snap *snapshot.Snapshot) string {
	c := snap.Configs[0]
	if c.IsOperator() {
		return fmt.Sprintf("Istio %s, revision %s in namespace %s", facts.EmbeddedRelease, cmp.Or(c.Revision(), snapshot.DefaultRevision), c.Namespace())
	}
	var names []string
	wanted, _ := helm.Wanted(snap.Configs) // it was asked before the plan was made
	for _, r := range wanted {
		names = append(names, r.String())
	}
	return fmt.Sprintf("Istio %s, Helm releases %s", facts.EmbeddedRelease, strings.Join(names, ", "))
}

// closing ends an installation that works: what is there now, and what comes
// next.
func (f *flow) closing(snap *snapshot.Snapshot) error {
	done := "installed and verified in " + time.Since(f.begun).Round(100*time.Millisecond).String()
	if f.plan.Empty() {
		done = "as wanted"
	}
	_, err := fmt.Fprintf(f.streams.out, "%s: %s.\nNext: %s`meshctl verify` checks the installation at any time.\n", writer.Clean(subjectOf(snap)), done, f.firstUse(snap))
	return err
}

// firstUse says how workloads get into a mesh that is new; "" for others.
func (f *flow) firstUse(snap *snapshot.Snapshot) string {
	isNew := false
	for _, s := range f.plan.Steps {
		isNew = isNew || s.Action == install.Create && s.Key.Kind == "Deployment" && s.Manifest.Object.GetLabels()["app"] == "istiod"
	}
	if !isNew {
		return ""
	}
	label, ambient := "istio-injection=enabled", false
	for _, c := range snap.Configs {
		ambient = ambient || c.ComponentEnabled("ztunnel")
		if rev := c.Revision(); rev != "" {
			label = "istio.io/rev=" + rev
		}
	}
	if ambient {
		label = "istio.io/dataplane-mode=ambient"
	}
	return "`kubectl label namespace NAME " + writer.Clean(label) + "` takes a namespace into the mesh; "
}
