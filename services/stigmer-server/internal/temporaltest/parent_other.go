//go:build !linux

package temporaltest

import "os/exec"

// startWithParent starts a program. The system cannot tie it to this process; Kill ends it.
func startWithParent(command *exec.Cmd) error {
	return command.Start()
}
