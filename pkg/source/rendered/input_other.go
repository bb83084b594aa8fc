//go:build !unix

package rendered

import (
	"fmt"
	"os"
)

// withFile gives a function a path from which it can read data once: a
// private temporary file, removed afterwards.
func withFile(data []byte, use func(path string) error) error {
	f, err := os.CreateTemp("", "meshctl-*.yaml")
	if err != nil {
		return fmt.Errorf("handing over the configuration: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		f.Close()
		return fmt.Errorf("handing over the configuration: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("handing over the configuration: %w", err)
	}
	return use(f.Name())
}
