//go:build !linux

package stack

import "syscall"

// ownGroup is all that systems other than Linux offer.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
