package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/meshctl/meshctl/pkg/fix"
)

// emit prints to where a report belongs. Nothing is written before all of it
// is there, so that a reader never finds half a report.
func emit(s streams, d destination, print func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := print(&buf); err != nil {
		return err
	}
	if d.path != "" {
		if err := replaceFile(d.path, buf.Bytes()); err != nil {
			return fmt.Errorf("writing the %s report to %s: %w", d.format, d.path, plainCause(err))
		}
		return nil
	}
	if _, err := s.out.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("writing the %s report: %w", d.format, err)
	}
	return nil
}

// replaceFile writes a file beside its name and moves it there, so that the
// old one stays whole until the new one is. Pipes and devices, such as
// /dev/stderr, cannot be replaced and are written to.
func replaceFile(path string, data []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return os.WriteFile(path, data, 0)
	}
	return fix.Replace(path, data)
}

// plainCause drops the name of the file beside the report, which tells the
// user nothing.
func plainCause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
