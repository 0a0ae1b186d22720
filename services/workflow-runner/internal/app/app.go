package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/sdk/worker"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/internal/logging"
	"github.com/stigmer/stigmer-e2e/services/internal/polls"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
)

// Program is the name of the program in logs and versions.
const Program = "workflow-runner"

// Exit codes.
const (
	ExitOK          = 0
	ExitError       = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

// Main runs the program with the given arguments and returns its exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	switch {
	case len(arguments) == 1 && arguments[0] == "--version":
		fmt.Fprintln(stdout, build.Line(Program))
		return ExitOK
	case len(arguments) > 0:
		fmt.Fprintf(stderr, "%s takes no arguments but --version; it is set up by environment variables\n", Program)
		return ExitUsage
	}
	s, err := ReadSettings()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", Program, err)
		return ExitError
	}
	logger, err := logging.New(stderr, s.LogLevel, Program)
	if err != nil {
		fmt.Fprintf(stderr, "%s: LOG_LEVEL: %v\n", Program, err)
		return ExitError
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	return supervise(s, logger, signals)
}

// supervise runs the program until the first signal, drains it, and leaves at once at the second.
func supervise(s Settings, logger *slog.Logger, signals <-chan os.Signal) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, s, logger) }()
	asked := false
	for {
		select {
		case received := <-signals:
			if asked {
				logger.Warn("leaving without draining", "signal", received.String())
				return ExitInterrupted
			}
			asked = true
			logger.Info("draining", "signal", received.String(), "limit", s.Timeouts.Drain.String())
			cancel()
		case err := <-ended:
			if err != nil && !errors.Is(err, context.Canceled) {
				logger.Error("cannot run", "error", err.Error())
				return ExitError
			}
			logger.Info("stopped")
			return ExitOK
		}
	}
}

// Run connects, runs the workers until the context ends, and drains them.
func Run(ctx context.Context, s Settings, logger *slog.Logger) error {
	server, err := backend.New(backend.Options{Endpoint: s.BackendEndpoint, Key: s.APIKey, TLS: s.tls()}, logger)
	if err != nil {
		return err
	}
	defer server.Close()
	requests := polls.NewLimit()
	defer requests.Cut()
	temporal, err := dial(ctx, s, requests, logger)
	if err != nil {
		return err
	}
	defer temporal.Close()
	all, tasks := workers(s, temporal, server, logger)
	defer tasks.Close()
	if err := start(all, s); err != nil {
		return err
	}
	logger.InfoContext(ctx, "workers started", "namespace", s.TemporalNamespace, "temporal", s.TemporalAddress,
		"queues", []string{s.ExecutionQueue, s.EngineQueue, s.ValidationQueue}, "build_id", build.ID())
	<-ctx.Done()
	time.AfterFunc(polls.Grace, requests.Cut)
	drain(all, s.Timeouts.Drain, logger)
	return nil
}

// drain stops the workers, for no longer than the limit: a worker keeps it for each kind of its work, one after the
// other. What has not ended then is taken up by another runner.
func drain(all []worker.Worker, limit time.Duration, logger *slog.Logger) {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop(all)
	}()
	select {
	case <-stopped:
	case <-time.After(limit + polls.Grace):
		logger.Warn("work is left over", "limit", limit.String())
	}
}
