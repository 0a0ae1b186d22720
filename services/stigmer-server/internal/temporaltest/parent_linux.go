package temporaltest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// starts runs the starts of servers, one after the other, on a thread that lives as long as the process: the kernel kills
// a child when the thread that started it ends.
var starts = func() chan func() {
	todo := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range todo {
			start()
		}
	}()
	return todo
}()

// startWithParent starts a program that ends with this process, however that ends.
func startWithParent(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	result := make(chan error)
	starts <- func() { result <- command.Start() }
	return <-result
}
