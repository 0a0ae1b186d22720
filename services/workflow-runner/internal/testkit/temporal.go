// Package testkit gives tests of the runner what surrounds it: a real Temporal dev server, a real stigmer-server, and an
// agent-runner whose answers a test writes down.
package testkit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// tuning makes the dev server quick and frugal where a namespace is made per test: without it every hop of a workflow
// waits for a tick of 50 ms, and each namespace starts workers of its own.
var tuning = []string{
	"frontend.rps.namespaceReplicationInducingAPIs=100000",
	"worker.perNamespaceWorkerCount=0",
	"history.transferProcessorMaxPollRPS=100000",
	"history.timerProcessorMaxPollRPS=100000",
	"history.visibilityProcessorMaxPollRPS=100000",
	"history.outboundProcessorMaxPollRPS=100000",
	"matching.numTaskqueueReadPartitions=1",
	"matching.numTaskqueueWritePartitions=1",
	"frontend.enableServerVersionCheck=false",
}

const (
	// startLimit limits the start of a program on a busy machine; it takes 0.2 s on an idle one.
	startLimit = 30 * time.Second
	// probeInterval is how often a starting program is asked whether it is there.
	probeInterval = 10 * time.Millisecond
	// portAttempts is how often other ports are tried when somebody else takes one in between.
	portAttempts = 5
)

// Temporal is a dev server that all tests of a binary share.
type Temporal struct {
	Address string
	command *exec.Cmd
	home    string
}

// StartTemporal starts a dev server on ports of its own.
func StartTemporal() (*Temporal, error) {
	program, err := temporalProgram()
	if err != nil {
		return nil, err
	}
	var last error
	for range portAttempts {
		started, err := startTemporal(program)
		if err == nil {
			return started, nil
		}
		last = err
		if !strings.Contains(err.Error(), "address already in use") {
			break
		}
	}
	return nil, last
}

func temporalProgram() (string, error) {
	for _, name := range []string{"TEMPORAL_CLI_PATH", "STIGMER_E2E_TEMPORAL"} {
		if path := os.Getenv(name); path != "" {
			return path, nil
		}
	}
	path, err := exec.LookPath("temporal")
	if err != nil {
		return "", errors.New("no Temporal CLI found: set TEMPORAL_CLI_PATH or STIGMER_E2E_TEMPORAL to it, or put " +
			"`temporal` on PATH; `cargo e2e provision` fetches one")
	}
	return path, nil
}

func startTemporal(program string) (*Temporal, error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "runner-temporal-")
	if err != nil {
		return nil, err
	}
	arguments := []string{
		"server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error",
		"--port", ports[0], "--http-port", ports[1], "--metrics-port", ports[2],
	}
	for _, setting := range tuning {
		arguments = append(arguments, "--dynamic-config-value", setting)
	}
	output, err := os.Create(filepath.Join(home, "temporal.log"))
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := exec.Command(program, arguments...)
	command.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = dieWithParent()
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	started := &Temporal{Address: "127.0.0.1:" + ports[0], command: command, home: home}
	if err := started.await(); err != nil {
		said, _ := os.ReadFile(output.Name())
		started.Stop()
		return nil, fmt.Errorf("the Temporal dev server does not start: %w\n%s", err, said)
	}
	return started, nil
}

// await waits until the server answers, or has ended.
func (d *Temporal) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		connected, err := client.DialContext(ctx, d.options("default"))
		if err == nil {
			connected.Close()
			return nil
		}
		if exited(d.command.Process.Pid) {
			return errors.New("it has ended")
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(probeInterval):
		}
	}
}

func (d *Temporal) options(namespace string) client.Options {
	return client.Options{
		HostPort: d.Address, Namespace: namespace,
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	}
}

// Namespace makes a namespace and a client for it.
func (d *Temporal) Namespace(t *testing.T, name string) client.Client {
	t.Helper()
	connected, err := client.DialContext(t.Context(), d.options(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connected.Close)
	_, err = connected.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return connected
}

// Stop ends the server at once; nothing of it is needed any more.
func (d *Temporal) Stop() {
	_ = d.command.Process.Kill()
	_ = d.command.Wait()
	_ = os.RemoveAll(d.home)
}

// freePorts are ports that were free a moment ago.
func freePorts(count int) ([]string, error) {
	var ports []string
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}
