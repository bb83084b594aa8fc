package kubelet

import "syscall"

// dieWithParent makes the kernel kill the child when we end, however we end.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
