package fix

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the changes as a unified diff that git and patch apply; file
// names of standard input are "-".
func (r *Result) Diff() []byte {
	var out []byte
	for _, file := range r.Changed() {
		text := diff.Diff(file, r.Before[file], file, r.After[file])
		_, text, _ = bytes.Cut(text, []byte("\n")) // the line "diff old new"
		out = append(out, text...)
	}
	return out
}
