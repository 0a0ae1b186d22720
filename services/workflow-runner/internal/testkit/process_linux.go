package testkit

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// dieWithParent ends a child when the test binary is killed. It holds for the thread that starts the child; the Go
// runtime keeps its first threads for as long as the process lives.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// exited tells whether a child has ended that nobody has waited for yet.
func exited(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true
	}
	// The state follows the name, which stands in parentheses.
	after := stat[bytes.LastIndexByte(stat, ')')+1:]
	return bytes.HasPrefix(bytes.TrimSpace(after), []byte("Z"))
}
