//go:build !linux

package kubelet

import "syscall"

// dieWithParent has nothing to ask of other kernels; the pipe has to do.
func dieWithParent() *syscall.SysProcAttr { return nil }
