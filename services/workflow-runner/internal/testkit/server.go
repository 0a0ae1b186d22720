package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
)

// Server is a stigmer-server with a store of its own. It can be killed and started again on the same address.
type Server struct {
	Address   string
	t         *testing.T
	directory string
	variables []string
	command   *exec.Cmd
	log       bytes.Buffer
}

// serverProgram is the stigmer-server to test with: the one that STIGMER_E2E_STIGMER_SERVER names, or the one of this
// module, built once.
var serverProgram = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("STIGMER_E2E_STIGMER_SERVER"); path != "" {
		return path, nil
	}
	_, here, _, _ := runtime.Caller(0)
	module := filepath.Join(filepath.Dir(here), "..", "..", "..")
	source := filepath.Join(module, "stigmer-server", "cmd", "stigmer-server")
	if _, err := os.Stat(source); err != nil {
		return "", fmt.Errorf("no stigmer-server to test with: set STIGMER_E2E_STIGMER_SERVER to one (%w)", err)
	}
	directory, err := os.MkdirTemp("", "runner-server-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(directory, "stigmer-server")
	build := exec.Command("go", "build", "-o", program, "./stigmer-server/cmd/stigmer-server")
	build.Dir = module
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the stigmer-server: %w\n%s", err, said)
	}
	return program, nil
})

// removeServerProgram removes what was built.
func removeServerProgram() {
	if os.Getenv("STIGMER_E2E_STIGMER_SERVER") != "" {
		return
	}
	if program, err := serverProgram(); err == nil {
		_ = os.RemoveAll(filepath.Dir(program))
	}
}

// StartServer starts a server in a namespace of Temporal.
func StartServer(t *testing.T, temporal, namespace string, variables ...string) *Server {
	t.Helper()
	s := &Server{t: t, directory: t.TempDir(), Address: "127.0.0.1:0"}
	s.variables = append([]string{
		"HOME=" + s.directory, "DB_PATH=" + filepath.Join(s.directory, "store"),
		"STORAGE_PATH=" + filepath.Join(s.directory, "storage"),
		"TEMPORAL_HOST_PORT=" + temporal, "TEMPORAL_NAMESPACE=" + namespace, "LOG_LEVEL=info",
	}, variables...)
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server, again on the address that it had, and waits until it serves and is connected to Temporal.
func (s *Server) Start() {
	s.t.Helper()
	program, err := serverProgram()
	if err != nil {
		s.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		s.t.Fatal(err)
	}
	s.command = exec.Command(program, "--listen-fd", "3")
	s.command.Env = s.variables
	s.command.Stderr = &s.log
	s.command.ExtraFiles = []*os.File{file}
	err = temporaltest.StartWithParent(s.command)
	// The server's copy is the only one that may be left, or clients of a dead server would wait for ever.
	_ = errors.Join(listener.Close(), file.Close())
	if err != nil {
		s.t.Fatal(err)
	}
	s.awaitServing()
}

func (s *Server) awaitServing() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), WaitLimit)
	defer cancel()
	connection := s.Connect()
	defer connection.Close()
	for {
		answer, err := healthv1.NewHealthClient(connection).Check(ctx, &healthv1.HealthCheckRequest{Service: "temporal"})
		if err == nil && answer.GetStatus() == healthv1.HealthCheckResponse_SERVING {
			return
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("the stigmer-server does not serve: %v\n%s", err, s.log.String())
		case <-time.After(probeInterval):
		}
	}
}

// Connect opens a connection to the server.
func (s *Server) Connect() *grpc.ClientConn {
	s.t.Helper()
	connection, err := grpc.NewClient("passthrough:///"+s.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		s.t.Fatal(err)
	}
	return connection
}

// Restart kills the server and starts it again, with more variables.
func (s *Server) Restart(variables ...string) {
	s.t.Helper()
	s.Kill()
	s.variables = append(s.variables, variables...)
	s.Start()
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
	s.command = nil
}
