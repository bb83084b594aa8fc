package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Find looks for the configuration file in a folder and in those above it, up
// to the root of the repository or of the file system; "" where there is none.
func Find(folder string) (string, error) {
	for {
		path := filepath.Join(folder, FileName)
		found, err := exists(path)
		if found || err != nil {
			return path, err
		}
		if misnamed, _ := exists(filepath.Join(folder, ".meshctl.yml")); misnamed {
			return "", &Error{[]string{fmt.Sprintf("%s: the configuration file is called %s", filepath.Join(folder, ".meshctl.yml"), FileName)}}
		}
		repository, err := exists(filepath.Join(folder, ".git"))
		parent := filepath.Dir(folder)
		if repository || err != nil || parent == folder {
			return "", err
		}
		folder = parent
	}
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return false, nil
	}
	return false, fmt.Errorf("looking for %s: %w", FileName, err)
}
