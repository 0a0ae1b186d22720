package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
)

// runnerProgram builds the workflow-runner once.
var runnerProgram = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	directory, err := os.MkdirTemp("", "runner-program-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(directory, "workflow-runner")
	build := exec.Command("go", "build", "-o", program, "./cmd/workflow-runner")
	build.Dir = filepath.Join(filepath.Dir(here), "..", "..")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the workflow-runner: %w\n%s", err, said)
	}
	return program, nil
})

// removeRunnerProgram removes what was built, if it was.
func removeRunnerProgram() {
	if built.Load() {
		if program, err := runnerProgram(); err == nil {
			_ = os.RemoveAll(filepath.Dir(program))
		}
	}
}

// Process is a workflow-runner as a program of its own.
type Process struct {
	t       *testing.T
	command *exec.Cmd
	ended   chan struct{}
	Log     *Log
	Output  *Log
}

// StartProcess starts the program with the given environment and nothing else in it.
func StartProcess(t *testing.T, arguments []string, environment ...string) *Process {
	t.Helper()
	built.Store(true)
	program, err := runnerProgram()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, command: exec.Command(program, arguments...), Log: &Log{}, Output: &Log{}, ended: make(chan struct{})}
	p.command.Env = append([]string{"HOME=" + t.TempDir()}, environment...)
	p.command.Stderr, p.command.Stdout = p.Log, p.Output
	if err := temporaltest.StartWithParent(p.command); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait()
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("the program's log:\n%s", p.Log.String())
		}
	})
	return p
}

// ProcessEnvironment are the variables for a program that does the work of the stack's runner.
func (s *Stack) ProcessEnvironment(more ...string) []string {
	return append([]string{
		"STIGMER_BACKEND_ENDPOINT=" + s.Server.Address, "STIGMER_API_KEY=key", "STIGMER_SERVICE_USE_TLS=false",
		"TEMPORAL_SERVICE_ADDRESS=" + s.Settings.TemporalAddress, "TEMPORAL_NAMESPACE=" + s.Namespace,
	}, more...)
}

// Signal sends a signal.
func (p *Process) Signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// Exit waits for the end and returns the exit code, -1 for a signal.
func (p *Process) Exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(WaitLimit):
		p.t.Fatal("the program does not end")
		return 0
	}
}

// AwaitLog waits until the program has logged a text.
func (p *Process) AwaitLog(text string) {
	p.t.Helper()
	deadline := time.Now().Add(WaitLimit)
	for !p.Log.Contains(text) {
		select {
		case <-p.ended:
			p.t.Fatalf("the program ended without saying %q:\n%s", text, p.Log.String())
		case <-time.After(probeInterval):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the program does not say %q", text)
		}
	}
}

// built tells whether the program was needed.
var built atomic.Bool
