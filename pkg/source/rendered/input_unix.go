//go:build unix

package rendered

import (
	"fmt"
	"os"
)

// withFile gives a function a path from which it can read data once. Istio's
// renderer takes file names only; a pipe leaves nothing on the disk, whatever
// happens to the process.
func withFile(data []byte, use func(path string) error) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("handing over the configuration: %w", err)
	}
	defer r.Close()
	go func() {
		_, _ = w.Write(data) // a reader that stops early reports its own error
		w.Close()
	}()
	return use(fmt.Sprintf("/dev/fd/%d", r.Fd()))
}
