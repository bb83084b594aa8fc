package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Relative is a file's path below a folder, with slashes; ok is false where
// the file lies elsewhere.
func Relative(folder, file string) (path string, ok bool) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(folder, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// Path is the path of a file that the configuration names.
func (c *Config) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.File), filepath.FromSlash(name))
}

// Matches says whether the exception is for a file, be it by the file's own
// path or by that of a folder above it.
func (c *Config) Matches(e Exception, file string) bool {
	if e.Path == "" {
		return true
	}
	path, ok := Relative(c.Folder, file)
	return ok && (matches(e.Path, path) || matches(e.Path+"/**", path))
}

func matches(pattern, path string) bool {
	ok, err := doublestar.Match(pattern, path)
	return ok && err == nil
}

// AllRead says whether every YAML file that an exception is for was read. One
// that takes nothing out in some of its files may be needed in the others.
func (c *Config) AllRead(e Exception, read func(path string) bool) bool {
	base, _ := doublestar.SplitPattern(e.Path)
	root := filepath.Join(c.Folder, filepath.FromSlash(base))
	all := true
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		if ext := filepath.Ext(path); (ext == ".yaml" || ext == ".yml") && c.Matches(e, path) && path != filepath.Join(c.Folder, FileName) && !read(path) {
			all = false
			return fs.SkipAll
		}
		return nil
	})
	return all && (err == nil || errors.Is(err, fs.ErrNotExist))
}
