package store

import (
	"fmt"
	"log/slog"
	"strings"
)

// badgerLogger hands BadgerDB's messages to slog, one level lower: what it calls info is detail to us.
type badgerLogger struct{ logger *slog.Logger }

func (l badgerLogger) Errorf(format string, arguments ...any) {
	l.logger.Error("badger", "message", text(format, arguments))
}

func (l badgerLogger) Warningf(format string, arguments ...any) {
	l.logger.Warn("badger", "message", text(format, arguments))
}

func (l badgerLogger) Infof(format string, arguments ...any) {
	l.logger.Debug("badger", "message", text(format, arguments))
}

func (l badgerLogger) Debugf(string, ...any) {}

func text(format string, arguments []any) string {
	return strings.TrimSpace(fmt.Sprintf(format, arguments...))
}
