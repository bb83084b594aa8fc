package writer

import (
	"cmp"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// slashed is a file's name as repositories know it: with forward slashes and
// without a leading "./".
func slashed(file string) string {
	if file == "" {
		return ""
	}
	return path.Clean(filepath.ToSlash(file))
}

// artifact is the file of a place, or what stands for it: code scanners and
// code quality reports refuse results that are in no file, so a live object
// or a flag takes its place.
func artifact(at finding.Location) string {
	if at.File == "" && at.Cluster != "" {
		return path.Join(at.Cluster, cmp.Or(at.Object, at.Path))
	}
	return cmp.Or(slashed(at.File), at.Object, at.Path, "meshctl")
}

// told is the message of a finding for a format that shows the file as its
// place and no cluster.
func told(f finding.Finding) string {
	if f.At.Cluster != "" && f.At.File != "" {
		return f.At.Cluster + ": " + f.Message
	}
	return f.Message
}

// uri is a file's name as a percent-encoded URI reference, relative unless
// the name is absolute.
func uri(file string) string {
	segments := strings.Split(file, "/")
	for i, s := range segments {
		// PathEscape leaves a colon, which would make a scheme of the first
		// segment.
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	out := strings.Join(segments, "/")
	if strings.HasPrefix(out, "/") {
		return "file://" + out
	}
	return out
}
