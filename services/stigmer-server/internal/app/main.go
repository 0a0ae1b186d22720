package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/internal/logging"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

const program = "stigmer-server"

// Exit codes, each with one meaning.
const (
	ok = iota
	failed
	usage
	// Interrupted is that of a program whose user did not want to wait for its end.
	Interrupted = 130
)

// Main runs the program with its arguments and answers its exit code.
func Main(ctx context.Context, arguments []string, out, log io.Writer) int {
	settings, err := config.FromProcess(arguments)
	switch {
	case errors.Is(err, config.ErrHelp):
		fmt.Fprint(out, config.Usage)
		return ok
	case errors.Is(err, config.ErrVersion):
		fmt.Fprintln(out, build.Line(program))
		return ok
	case err != nil:
		fmt.Fprintf(log, "%s: %s\n", program, err)
		return usage
	}
	logger, err := logging.New(log, settings.LogLevel, program)
	if err != nil {
		fmt.Fprintf(log, "%s: %s\n", program, err)
		return usage
	}
	if err := run(ctx, settings, logger, out); err != nil {
		logger.Error("server ended", "error", err)
		return failed
	}
	logger.Info("stopped")
	return ok
}

// run listens and serves. What it prints on out is for people; the log has the same.
func run(ctx context.Context, settings config.Settings, logger *slog.Logger, out io.Writer) error {
	listener, err := listen(settings)
	if err != nil {
		return err
	}
	// What a start allocates is kept, so that collecting it would be a fifth of the CPU time of a start for nothing.
	collection := debug.SetGCPercent(-1)
	return Serve(ctx, settings, logger, listener, func() {
		debug.SetGCPercent(collection)
		fmt.Fprintf(out, "%s listens on %s\n", program, listener.Addr())
	})
}
