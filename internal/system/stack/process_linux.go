package stack

import "syscall"

// ownGroup also has the kernel end the child when we die without having
// stopped it.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
