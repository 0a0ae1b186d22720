// Package temporaltest gives tests a real Temporal: one development server per test binary, a namespace per test, and
// servers of their own for tests that kill or pause one.
package temporaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.uber.org/goleak"
)

const (
	// startLimit is ample: a development server takes 0.1 s on an idle machine.
	startLimit = 60 * time.Second
	// portAttempts bounds the starts that end because another program took a port first.
	portAttempts = 5
)

// tuning makes a development server fit for tests: without it each hop of a workflow waits for a poll every 50 ms, and
// namespaces are limited to 20 a second and cost system workers each.
var tuning = []string{
	"frontend.rps.namespaceReplicationInducingAPIs=100000",
	"worker.perNamespaceWorkerCount=0",
	"history.transferProcessorMaxPollRPS=100000",
	"history.timerProcessorMaxPollRPS=100000",
	"history.visibilityProcessorMaxPollRPS=100000",
	"history.outboundProcessorMaxPollRPS=100000",
	"matching.numTaskqueueReadPartitions=1",
	"matching.numTaskqueueWritePartitions=1",
	"matching.enableMigration=false",
	"frontend.enableServerVersionCheck=false",
}

// Server is a development server.
type Server struct {
	program string
	home    string
	ports   [3]int
	// durable servers know after a restart what they knew before.
	durable bool

	command *exec.Cmd
	output  *bytes.Buffer
	ended   chan struct{}
}

// Address is where the server listens.
func (s *Server) Address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.ports[0]))
}

// Start starts a server that belongs to one test.
func Start(t testing.TB) *Server {
	t.Helper()
	return startFor(t, false)
}

// StartDurable starts a server that belongs to one test and keeps its data across restarts.
func StartDurable(t testing.TB) *Server {
	t.Helper()
	return startFor(t, true)
}

func startFor(t testing.TB, durable bool) *Server {
	t.Helper()
	server, err := start(t.TempDir(), durable)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	return server
}

func start(home string, durable bool) (*Server, error) {
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	var mistake error
	for range portAttempts {
		server := &Server{program: program, home: home, durable: durable}
		if server.ports, err = freePorts(); err != nil {
			return nil, err
		}
		if mistake = server.Restart(); mistake == nil {
			return server, nil
		}
		if !strings.Contains(mistake.Error(), "address already in use") {
			return nil, mistake
		}
	}
	return nil, mistake
}

// findProgram finds the Temporal CLI. Tests are never skipped for the lack of it.
func findProgram() (string, error) {
	for _, variable := range []string{"TEMPORAL_CLI_PATH", "STIGMER_E2E_TEMPORAL"} {
		if path := os.Getenv(variable); path != "" {
			return path, nil
		}
	}
	path, err := exec.LookPath("temporal")
	if err != nil {
		return "", errors.New("these tests need the Temporal CLI: run `cargo e2e provision` and set TEMPORAL_CLI_PATH to the " +
			"program, or put `temporal` on PATH")
	}
	return path, nil
}

// freePorts answers three ports that are free at this moment. They are held until all three are known, so that they differ.
func freePorts() (ports [3]int, err error) {
	for index := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close()
		ports[index] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// Restart starts the server on its ports and waits until it answers. Unless it is durable, it has forgotten everything.
func (s *Server) Restart() error {
	arguments := []string{
		"server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error",
		"--port", strconv.Itoa(s.ports[0]), "--http-port", strconv.Itoa(s.ports[1]),
		"--metrics-port", strconv.Itoa(s.ports[2]),
	}
	if s.durable {
		arguments = append(arguments, "--db-filename", filepath.Join(s.home, "temporal.db"))
	}
	for _, value := range tuning {
		arguments = append(arguments, "--dynamic-config-value", value)
	}
	s.command = exec.Command(s.program, arguments...)
	s.command.Env = []string{"HOME=" + s.home, "PATH=" + os.Getenv("PATH")}
	s.output = &bytes.Buffer{}
	s.command.Stdout, s.command.Stderr = s.output, s.output
	if err := StartWithParent(s.command); err != nil {
		return fmt.Errorf("start Temporal: %w", err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func() {
		defer close(ended)
		_ = s.command.Wait()
	}()
	return s.waitUntilReady()
}

// waitUntilReady connects until the server answers, has ended, or the time is over.
func (s *Server) waitUntilReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		connected, err := client.DialContext(ctx, client.Options{HostPort: s.Address(), Logger: silent})
		if err == nil {
			connected.Close()
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("temporal ended: %s", s.output)
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("temporal does not answer: %w: %s", err, s.output)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// silent keeps the SDK quiet.
var silent = log.NewStructuredLogger(discard)

// Kill ends the server at once.
func (s *Server) Kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// Pause stops the server from running without ending it; connections stay open.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Resume undoes Pause.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// shared is the server of the test binary.
var shared struct {
	sync.Mutex
	server *Server
	home   string
}

// Main runs the tests of a binary, ends the shared server, and answers the exit code. Goroutines that are left are a
// failure. What is to be cleared away comes after the tests.
func Main(m *testing.M, clear ...func()) int {
	code := m.Run()
	for _, clear := range clear {
		clear()
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.Kill()
		_ = os.RemoveAll(shared.home)
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction(starterFunction)); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

// Shared answers the server of the test binary.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server
	}
	home, err := os.MkdirTemp("", "temporal-")
	if err != nil {
		t.Fatal(err)
	}
	server, err := start(home, false)
	if err != nil {
		_ = os.RemoveAll(home)
		t.Fatal(err)
	}
	shared.server, shared.home = server, home
	return server
}
