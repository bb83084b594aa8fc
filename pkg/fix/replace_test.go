package fix

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestReplace wants the mode kept, and nothing else in the folder touched or
// left, also where the file cannot be put in its place.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	file, foreign, taken := filepath.Join(dir, "v.yaml"), filepath.Join(dir, ".v.yaml.1.tmp"), filepath.Join(dir, "folder")
	for path, mode := range map[string]fs.FileMode{file: 0o640, foreign: 0o600} {
		if err := os.WriteFile(path, []byte("old"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Replace(file, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "fresh"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := Replace(taken, []byte("new")); err == nil {
		t.Error("a folder is replaced")
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	for path, want := range map[string]string{file: "new", foreign: "old", filepath.Join(dir, "fresh"): "new"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", path, got, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4 {
		t.Errorf("%v, %v", entries, err)
	}
}
