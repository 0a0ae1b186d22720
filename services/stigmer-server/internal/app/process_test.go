package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/filter/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
)

// built is the program, built once per test binary; TestMain removes it.
var (
	built    = sync.OnceValues(build)
	wasBuilt atomic.Bool
)

func build() (path string, err error) {
	wasBuilt.Store(true)
	dir, err := os.MkdirTemp("", "stigmer-server-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "stigmer-server")
	output, err := exec.Command("go", "build", "-o", path, "../../cmd/stigmer-server").CombinedOutput()
	if err != nil {
		return path, fmt.Errorf("%w: %s", err, output)
	}
	return path, nil
}

// process is the real program.
type process struct {
	t       *testing.T
	command *exec.Cmd
	output  *logBuffer
	// address is what the program printed, "" when it ended before.
	address string
	ended   chan struct{}
}

// startProcess starts the program and waits until it prints its address or ends.
func startProcess(t *testing.T, dir string, files []*os.File, environment []string, arguments ...string) *process {
	t.Helper()
	p := &process{
		t: t, command: exec.Command(must[string](t)(built()), arguments...), output: &logBuffer{}, ended: make(chan struct{}),
	}
	p.command.ExtraFiles = files
	p.command.Env = append([]string{
		"HOME=" + dir, "GRPC_PORT=0", "TEMPORAL_HOST_PORT=127.0.0.1:1", "LOG_LEVEL=warn",
	}, environment...)
	p.command.Stderr = p.output
	lines, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	first, _ := bufio.NewReader(lines).ReadString('\n')
	go func() {
		defer close(p.ended)
		_ = p.command.Wait()
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
	})
	p.address = strings.TrimSpace(strings.TrimPrefix(first, "stigmer-server listens on "))
	return p
}

// code waits for the end of the program and answers its exit code.
func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("the program does not end: %s", p.output)
		return -1
	}
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) connect() *grpc.ClientConn {
	p.t.Helper()
	conn, err := grpc.NewClient(p.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (p *process) isServing() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	answer, err := grpc_health_v1.NewHealthClient(p.connect()).Check(ctx, &grpc_health_v1.HealthCheckRequest{},
		grpc.WaitForReady(true))
	if err != nil || answer.GetStatus() != serving {
		p.t.Errorf("health is %s (%v): %s", answer.GetStatus(), err, p.output)
	}
}

func TestTheProgramServesOnAFreePortOfLoopback(t *testing.T) {
	p := startProcess(t, t.TempDir(), nil, []string{"LOG_LEVEL=info"})
	host, port, err := net.SplitHostPort(p.address)
	if err != nil || host != "127.0.0.1" || port == "0" {
		t.Fatalf("it printed %q (%v): %s", p.address, err, p.output)
	}
	p.isServing()
	p.signal(syscall.SIGTERM)
	if code := p.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.output)
	}
	if !strings.Contains(p.output.String(), `"listen_address":"`+p.address+`"`) {
		t.Errorf("the log has no address: %s", p.output)
	}
}

// listening is a socket that a parent has bound.
func listening(t *testing.T, network, address string) (*os.File, string) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file, err := listener.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	return file, listener.Addr().String()
}

func TestTheProgramServesOnAnInheritedSocket(t *testing.T) {
	file, address := listening(t, "tcp", "127.0.0.1:0")
	// A client may connect before the server runs; it is answered when it does.
	early, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	p := startProcess(t, t.TempDir(), []*os.File{file}, []string{"GRPC_PORT=1"}, "--listen-fd", "3")
	_ = file.Close()
	if p.address != address {
		t.Errorf("it listens on %q, not on %s: %s", p.address, address, p.output)
	}
	p.isServing()
	p.signal(syscall.SIGKILL)
	p.code()
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the port is still open")
	}
}

func TestADescriptorThatIsNoSuchSocketIsRefused(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	everywhere, _ := listening(t, "tcp4", "0.0.0.0:0")
	local, _ := listening(t, "unix", filepath.Join(t.TempDir(), "socket"))
	idle := unboundSocket(t)
	for words, test := range map[string]struct {
		files    []*os.File
		argument string
		code     int
	}{
		"no such file descriptor":    {nil, "9", 1},
		"not a socket":               {[]*os.File{file}, "3", 1},
		"socket listens on 0.0.0.0":  {[]*os.File{everywhere}, "3", 1},
		"socket that listens on 127": {[]*os.File{local}, "3", 1},
		"the socket does not listen": {[]*os.File{idle}, "3", 1},
		"use a descriptor from 3 on": {nil, "2", 2},
		"-listen-fd: parse error":    {nil, "three", 2},
	} {
		p := startProcess(t, t.TempDir(), test.files, nil, "--listen-fd", test.argument)
		if code := p.code(); code != test.code || !strings.Contains(p.output.String(), words) {
			t.Errorf("%s: exit code %d: %s", words, code, p.output)
		}
	}
}

// unboundSocket is a TCP socket that does not listen.
func unboundSocket(t *testing.T) *os.File {
	t.Helper()
	descriptor, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(descriptor)
	file := os.NewFile(uintptr(descriptor), "socket")
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestMistakesOfTheUserEndTheProgramWithTheCure(t *testing.T) {
	taken, address := listening(t, "tcp", "127.0.0.1:0")
	defer taken.Close()
	_, port, _ := net.SplitHostPort(address)
	busy := t.TempDir()
	startProcess(t, busy, nil, nil).isServing()
	for name, test := range map[string]struct {
		dir         string
		environment []string
		arguments   []string
		code        int
		words       []string
	}{
		"unknown flag":     {"", nil, []string{"--port", "1"}, 2, []string{"-port", "stigmer-server --help"}},
		"unknown argument": {"", nil, []string{"serve"}, 2, []string{`unexpected argument "serve"`}},
		"bad environment": {"", []string{"GRPC_PORT=http", "LOG_LEVEL=loud", "STIGMER_TIMEOUT_DRAIN=soon", "TEMPORAL_HOST_PORT=x"},
			nil, 2, []string{`GRPC_PORT="http": use a port from 0 to 65535`, "use debug, info, warn or error", `STIGMER_TIMEOUT_DRAIN="soon": use a duration`,
				`TEMPORAL_HOST_PORT="x": use host:port`}},
		"no home":         {"", []string{"HOME="}, nil, 2, []string{"DB_PATH: set it, or STIGMER_HOME, or HOME", "STORAGE_PATH"}},
		"port in use":     {"", []string{"GRPC_PORT=" + port}, nil, 1, []string{"port " + port + " is in use", "GRPC_PORT"}},
		"store in use":    {busy, nil, nil, 1, []string{"is in use by another server (process ", "DB_PATH"}},
		"store is a file": {"", []string{"DB_PATH=" + taken.Name()}, nil, 1, nil},
		"store read-only": {"", []string{"DB_PATH=/proc/store"}, nil, 1, []string{"make store directory"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := test.dir
			if dir == "" {
				dir = t.TempDir()
			}
			if name == "store is a file" {
				path := filepath.Join(dir, "stigmer.db")
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				test.environment, test.words = []string{"DB_PATH=" + path}, []string{"is a file", "DB_PATH"}
			}
			p := startProcess(t, dir, nil, test.environment, test.arguments...)
			if code := p.code(); code != test.code {
				t.Errorf("exit code %d, not %d", code, test.code)
			}
			for _, words := range test.words {
				if !strings.Contains(p.output.String(), words) {
					t.Errorf("%q does not say %q", p.output, words)
				}
			}
		})
	}
}

func TestHelpAndVersionArePrinted(t *testing.T) {
	for argument, words := range map[string]string{"--help": "Usage: stigmer-server", "--version": "stigmer-server 0.1.0 sources "} {
		output, err := exec.Command(must[string](t)(built()), argument).Output()
		if err != nil || !strings.Contains(string(output), words) {
			t.Errorf("%s printed %q (%v)", argument, output, err)
		}
	}
}

func TestATerminatedProgramTellsItsStreamsAndEndsWell(t *testing.T) {
	temporal := temporaltest.Shared(t)
	namespace := temporal.Namespace(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := startProcess(t, t.TempDir(), nil, []string{
			"TEMPORAL_HOST_PORT=" + temporal.Address(), "TEMPORAL_NAMESPACE=" + namespace, "STIGMER_TIMEOUT_DRAIN=500ms",
			"STIGMER_TIMEOUT_VALIDATION=10m",
		})
		s := &stack{t: t, conn: p.connect()}
		s.clients = newClients(s.conn)
		s.waitFor("temporal", serving)
		run := s.runAgent()
		stream := s.follow(run)
		must[*agentRun](t)(stream.Recv())
		// A call that waits for a workflow-runner which is not there: it is cut off when the time to drain is over.
		applied := make(chan error, 1)
		go func() {
			_, err := s.workflows.Apply(context.Background(), aWorkflow("greeting"))
			applied <- err
		}()
		eventually(t, func() error { return s.hasValidation(temporal, namespace) })
		p.signal(signal)
		_, err := stream.Recv()
		refused(t, err, codes.Unavailable, "server is stopping")
		if code := p.code(); code != 0 {
			t.Errorf("exit code %d: %s", code, p.output)
		}
		refused(t, <-applied, codes.Unavailable)
	}
}

// hasValidation waits for the validation of a workflow that is being applied.
func (s *stack) hasValidation(temporal *temporaltest.Server, namespace string) error {
	list, err := temporal.Client(s.t, namespace).ListOpenWorkflow(s.t.Context(),
		&workflowservice.ListOpenWorkflowExecutionsRequest{
			Namespace: namespace, Filters: &workflowservice.ListOpenWorkflowExecutionsRequest_TypeFilter{
				TypeFilter: &filter.WorkflowTypeFilter{Name: contract.ValidationWorkflow},
			},
		})
	if err == nil && len(list.GetExecutions()) == 0 {
		err = errors.New("no validation runs")
	}
	return err
}

func TestASecondSignalEndsTheProgramAtOnce(t *testing.T) {
	temporal := temporaltest.Shared(t)
	namespace := temporal.Namespace(t)
	p := startProcess(t, t.TempDir(), nil, []string{
		"TEMPORAL_HOST_PORT=" + temporal.Address(), "TEMPORAL_NAMESPACE=" + namespace, "STIGMER_TIMEOUT_DRAIN=10m",
		"STIGMER_TIMEOUT_VALIDATION=10m",
	})
	s := &stack{t: t, conn: p.connect()}
	s.clients = newClients(s.conn)
	s.waitFor("temporal", serving)
	go func() { _, _ = s.workflows.Apply(context.Background(), aWorkflow("greeting")) }()
	eventually(t, func() error { return s.hasValidation(temporal, namespace) })
	watch := must[grpc_health_v1.Health_WatchClient](t)(grpc_health_v1.NewHealthClient(s.conn).Watch(t.Context(),
		&grpc_health_v1.HealthCheckRequest{}))
	if answer := must[*grpc_health_v1.HealthCheckResponse](t)(watch.Recv()); answer.GetStatus() != serving {
		t.Errorf("health is %s", answer.GetStatus())
	}
	p.signal(syscall.SIGTERM)
	if answer := must[*grpc_health_v1.HealthCheckResponse](t)(watch.Recv()); answer.GetStatus() != notServing {
		t.Errorf("after the first signal health is %s", answer.GetStatus())
	}
	p.signal(syscall.SIGTERM)
	if code := p.code(); code != 130 {
		t.Errorf("exit code %d: %s", code, p.output)
	}
}

// A supervisor that watches the health of the server must not hold up its end.
func TestAWatchOfTheHealthDoesNotHoldUpTheEnd(t *testing.T) {
	p := startProcess(t, t.TempDir(), nil, []string{"STIGMER_TIMEOUT_DRAIN=10m"})
	conn := p.connect()
	for _, service := range []string{"", "temporal"} {
		watch := must[grpc_health_v1.Health_WatchClient](t)(grpc_health_v1.NewHealthClient(conn).Watch(t.Context(),
			&grpc_health_v1.HealthCheckRequest{Service: service}))
		must[*grpc_health_v1.HealthCheckResponse](t)(watch.Recv())
	}
	reflecting := must[grpc.BidiStreamingClient[reflectionv1.ServerReflectionRequest, reflectionv1.ServerReflectionResponse]](t)(
		reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context()))
	err := reflecting.Send(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{},
	})
	if err != nil {
		t.Fatal(err)
	}
	must[*reflectionv1.ServerReflectionResponse](t)(reflecting.Recv())
	p.signal(syscall.SIGTERM)
	if code := p.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.output)
	}
}

// The SDK waits for a Temporal that hangs until its own limits are over; the log would tell.
func TestATemporalThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	temporal := temporaltest.Start(t)
	p := startProcess(t, t.TempDir(), nil, []string{
		"TEMPORAL_HOST_PORT=" + temporal.Address(), "TEMPORAL_NAMESPACE=" + temporal.Namespace(t), "STIGMER_TIMEOUT_DRAIN=10m",
	})
	s := &stack{t: t, conn: p.connect()}
	s.waitFor("temporal", serving)
	temporal.Pause(t)
	t.Cleanup(func() { temporal.Resume(t) })
	p.signal(syscall.SIGTERM)
	if code := p.code(); code != 0 || strings.Contains(strings.ToLower(p.output.String()), "deadline") {
		t.Errorf("exit code %d: %s", code, p.output)
	}
}
