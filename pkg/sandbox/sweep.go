package sandbox

import (
	"os"
	"path/filepath"
	"time"
)

// youth is how old a directory must be before it is taken for a dead one's: a
// sandbox that starts has made its directory but not locked it for a moment.
const youth = 5 * time.Second

// Sweep removes the private directories that sandboxes left in the temporary
// directory because they and their callers were killed at once. It returns those
// that it removed. Start does this by itself.
func Sweep() []string {
	found, err := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	if err != nil {
		return nil
	}
	var removed []string
	for _, dir := range found {
		if dead(dir) && removeDir(dir) == nil {
			removed = append(removed, dir)
		}
	}
	return removed
}

// dead says that dir is a private directory of ours that nobody holds.
func dead(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !ours(info) {
		return false
	}
	lock, err := os.Lstat(lockPath(dir))
	if os.IsNotExist(err) {
		return time.Since(info.ModTime()) > youth && empty(dir)
	}
	if err != nil || !lock.Mode().IsRegular() || time.Since(lock.ModTime()) < youth {
		return false
	}
	held, err := locked(lockPath(dir))
	return err == nil && !held
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}
