//go:build unix

package files

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestSpecialFiles wants that a pipe in a folder is not opened, that one the
// user named is read, and that links are followed.
func TestSpecialFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	pipe := filepath.Join(dir, "pipe.yaml")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(dir, 0o755))
	must(syscall.Mkfifo(pipe, 0o600))
	must(os.Symlink(pipe, filepath.Join(dir, "topipe.yaml")))
	must(os.Symlink(t.TempDir(), filepath.Join(dir, "todir.yaml")))
	must(os.Symlink(write(t, "x.yaml", head), filepath.Join(dir, "tofile.yaml")))
	link := dir + ".link"
	must(os.Symlink(dir, link))
	for _, folder := range []string{dir, link} {
		found, err := Options{}.expand([]string{folder})
		must(err)
		if want := []input{{filepath.Join(folder, "tofile.yaml"), false}}; !slices.Equal(found, want) {
			t.Errorf("found %v, want %v", found, want)
		}
	}
	go func() { _ = os.WriteFile(pipe, []byte(head), 0o600) }()
	snap, err := Load([]string{pipe}, nil, Options{})
	must(err)
	if len(snap.Configs) != 1 {
		t.Errorf("the pipe gave %d configurations", len(snap.Configs))
	}
}
