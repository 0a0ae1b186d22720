// Package logging makes the one logger of a program. Loggers are passed on, never taken from a global.
package logging

import (
	"fmt"
	"io"
	"log/slog"
)

// New makes a JSON logger. Level is `debug`, `info`, `warn` or `error`, in any case.
func New(w io.Writer, level, program string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: use debug, info, warn or error", level)
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})).With("program", program), nil
}
