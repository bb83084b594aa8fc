//go:build !unix

package sandbox

import (
	"errors"
	"io/fs"
	"syscall"
)

var errSystem = errors.New("the sandbox needs a Unix system (Linux or macOS); on Windows use WSL")

func supported() error { return errSystem }

func attributes(bool) *syscall.SysProcAttr { return nil }

func killGroup(int) {}

func locked(string) (bool, error) { return false, errSystem }

func ours(fs.FileInfo) bool { return false }
