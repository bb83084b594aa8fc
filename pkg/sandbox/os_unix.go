//go:build unix

package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// supported says whether this system can run a sandbox.
func supported() error { return nil }

// attributes put the sandbox into a process group of its own; a detached one
// also leaves the terminal.
func attributes(detached bool) *syscall.SysProcAttr {
	if detached {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills the sandbox that leads a process group, and its children. It
// must only be called while the leader is known to be ours.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }

// locked says whether somebody holds the lock on a file. No file, no lock.
func locked(path string) (bool, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("opening the sandbox's lock: %w", err)
	}
	defer file.Close() // which also gives back what we took
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("trying the sandbox's lock: %w", err)
	}
	return false, nil
}

// ours says whether a file belongs to this user.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
