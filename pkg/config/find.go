package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Find looks for the configuration file in a folder and, inside a repository,
// in those above it up to its root; "" where there is none. Outside of one the
// folders above belong to others.
func Find(folder string) (string, error) {
	root, err := repository(folder)
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(folder, FileName)
		found, err := exists(path)
		if found || err != nil {
			return path, err
		}
		if misnamed, _ := exists(filepath.Join(folder, ".meshctl.yml")); misnamed {
			return "", &Error{[]string{fmt.Sprintf("%s: the configuration file is called %s", filepath.Join(folder, ".meshctl.yml"), FileName)}}
		}
		if root == "" || folder == root {
			return "", nil
		}
		folder = filepath.Dir(folder)
	}
}

// repository is the root of the repository that a folder is in, "" outside.
func repository(folder string) (string, error) {
	for {
		found, err := exists(filepath.Join(folder, ".git"))
		if found || err != nil {
			return folder, err
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", nil
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
