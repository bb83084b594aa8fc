package files

import (
	"github.com/Masterminds/semver/v3"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
)

// pinned is the one Istio minor that a version or a range of versions
// allows; zero where there are several, or where the text is neither.
func pinned(version *document.Value) facts.Minor {
	if version == nil || !version.Scalar() || version.Kind == document.Null || version.Placeholder() != "" {
		return facts.Minor{}
	}
	if v, err := semver.NewVersion(version.Text); err == nil && version.Kind == document.String {
		return facts.Minor{Major: int(v.Major()), Minor: int(v.Minor())}
	}
	allowed, err := semver.NewConstraint(version.Text)
	if err != nil {
		return facts.Minor{}
	}
	return only(allowed)
}

// only tries the releases that exist, and some that may come.
func only(allowed *semver.Constraints) facts.Minor {
	var found facts.Minor
	for minor := range uint64(60) {
		if !anyPatch(allowed, minor) {
			continue
		}
		if found.Known() {
			return facts.Minor{}
		}
		found = facts.Minor{Major: 1, Minor: int(minor)}
	}
	return found
}

// anyPatch asks for the patches that a minor has: none had more than 17.
func anyPatch(allowed *semver.Constraints, minor uint64) bool {
	for patch := range uint64(24) {
		if allowed.Check(semver.New(1, minor, patch, "", "")) {
			return true
		}
	}
	return false
}
