package app

import (
	"context"
	"errors"
	"fmt"
	"io"

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
	if err := Run(ctx, settings, logger, out); err != nil {
		logger.Error("server ended", "error", err)
		fmt.Fprintf(log, "%s: %s\n", program, err)
		return failed
	}
	logger.Info("stopped")
	return ok
}
