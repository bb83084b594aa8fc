package fix

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Changed lists the files that differ before and after, sorted.
func (r *Result) Changed() []string {
	var out []string
	for file, text := range r.After {
		if !bytes.Equal(text, r.Before[file]) {
			out = append(out, file)
		}
	}
	slices.Sort(out)
	return out
}

// Write writes the changed files but those named, each as a whole: a reader
// finds the old text or the new one. A file that may not be written, or is no
// longer what was checked, is an error before the first one is written.
func (r *Result) Write(except ...string) error {
	targets := map[string]string{} // where symbolic links lead, and from which name
	for _, file := range r.Changed() {
		if slices.Contains(except, file) {
			continue
		}
		target, err := r.target(file)
		if err != nil {
			return fmt.Errorf("fixing %s: %w", file, err)
		}
		if other, twice := targets[target]; twice && !bytes.Equal(r.After[file], r.After[other]) {
			return fmt.Errorf("fixing %s: %s is the same file, and has other findings", file, other)
		}
		targets[target] = file
	}
	for target, file := range targets {
		if err := Replace(target, r.After[file]); err != nil {
			return fmt.Errorf("fixing %s: %w", file, cause(err))
		}
	}
	return nil
}

// target follows symbolic links and finds out whether a file may be written.
func (r *Result) target(file string) (string, error) {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return "", cause(err)
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return "", cause(err)
	case !info.Mode().IsRegular():
		return "", errors.New("it is no regular file")
	case info.Mode().Perm()&0o222 == 0:
		return "", errors.New("the file is read-only")
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return "", cause(err)
	}
	if !bytes.Equal(text, r.Before[file]) {
		return "", errors.New("the file changed while it was checked")
	}
	return target, nil
}

// cause drops the path that the os package repeats in its errors.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
