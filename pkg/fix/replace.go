package fix

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file beside the old one and puts it in its place, with the
// same mode and owner. It stands in a folder of its own until then, so that
// nothing is touched that somebody else made, and a new file gets the mode
// that the umask leaves.
func Replace(path string, text []byte) error {
	old, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".meshctl-*")
	if err != nil {
		return err
	}
	temp := filepath.Join(folder, filepath.Base(path))
	err = write(temp, text, old)
	if err == nil {
		err = os.Rename(temp, path)
	}
	return errors.Join(err, os.RemoveAll(folder))
}

// write makes a new file, like an old one if there is any.
func write(path string, text []byte, old fs.FileInfo) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if old != nil {
		err = errors.Join(err, f.Chmod(old.Mode()))
	}
	if err = errors.Join(err, f.Close()); err == nil && old != nil {
		keepOwner(path, old)
	}
	return err
}
