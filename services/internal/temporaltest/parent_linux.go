package temporaltest

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// starterFunction is the goroutine that lives as long as the process.
const starterFunction = "github.com/stigmer/stigmer-e2e/services/internal/temporaltest.runStarts"

// starts are handed to one thread that lives as long as the process: the kernel kills a child when the thread that started
// it ends.
var starts = sync.OnceValue(func() chan func() {
	todo := make(chan func())
	go runStarts(todo)
	return todo
})

func runStarts(todo chan func()) {
	runtime.LockOSThread()
	for start := range todo {
		start()
	}
}

// StartWithParent starts a program that ends with this process, however that ends.
func StartWithParent(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	result := make(chan error)
	starts() <- func() { result <- command.Start() }
	return <-result
}
