//go:build !linux

package testkit

import "syscall"

func dieWithParent() *syscall.SysProcAttr { return nil }

// exited cannot be told here; the time limit of the start ends the wait.
func exited(int) bool { return false }
