//go:build !linux

package temporaltest

import "os/exec"

// starterFunction is none here.
const starterFunction = "none"

// StartWithParent starts a program. The system cannot tie it to this process; Kill ends it.
func StartWithParent(command *exec.Cmd) error {
	return command.Start()
}
