package files

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// setRevision writes the revision that the user asks for into every
// configuration that can have one. "default" is the one without a name. A file
// that names another one is not meant.
func setRevision(configs []*snapshot.Config, revision string) error {
	if revision == "" {
		return nil
	}
	for _, c := range configs {
		have := c.Revision()
		switch {
		case have == revision, have == "" && revision == "default", c.Chart == "base":
			continue
		case have != "":
			return usagef("--revision %s: %s is of revision %s; change one of the two", revision, c.Name(), have)
		case revision == "default":
			continue
		}
		after, err := set(c, "revision="+revision)
		if err != nil {
			return refused("revision="+revision, err)
		}
		c.Root = document.Overlay(c.Root, after, finding.Location{File: "--revision " + revision})
	}
	return nil
}
