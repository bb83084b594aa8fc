package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// binaryName is what this package runs.
	binaryName = "meshctl-sandbox"
	// binaryVariable names another one.
	binaryVariable = "MESHCTL_SANDBOX"
)

// FindBinary returns the path of meshctl-sandbox: the one given, or that named
// by $MESHCTL_SANDBOX, or the one next to the running program, or the one in the
// PATH. The error is a *BinaryError. A path that was named explicitly must exist;
// nothing else is tried then.
func FindBinary(given string) (string, error) {
	for _, named := range []string{given, os.Getenv(binaryVariable)} {
		if named != "" {
			return existing(named)
		}
	}
	tried := []string{}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), binaryName)
		if path, err := existing(beside); err == nil {
			return path, nil
		}
		tried = append(tried, beside)
	}
	if path, err := exec.LookPath(binaryName); err == nil {
		return filepath.Abs(path)
	}
	return "", &BinaryError{Tried: append(tried, "the PATH")}
}

func existing(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return "", &BinaryError{Tried: []string{path}}
	}
	return filepath.Abs(path)
}
