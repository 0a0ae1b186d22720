package orchestration

import (
	"log/slog"
	"strings"
	"unicode"

	temporallog "go.temporal.io/sdk/log"
)

// sdkLogger hands the SDK's messages to slog, with keys as the rest of the log has them.
type sdkLogger struct{ logger *slog.Logger }

var (
	_ temporallog.Logger     = sdkLogger{}
	_ temporallog.WithLogger = sdkLogger{}
)

func (l sdkLogger) Debug(message string, fields ...any) { l.logger.Debug(message, renamed(fields)...) }
func (l sdkLogger) Info(message string, fields ...any)  { l.logger.Info(message, renamed(fields)...) }
func (l sdkLogger) Warn(message string, fields ...any)  { l.logger.Warn(message, renamed(fields)...) }
func (l sdkLogger) Error(message string, fields ...any) { l.logger.Error(message, renamed(fields)...) }

// With implements WithLogger.
func (l sdkLogger) With(fields ...any) temporallog.Logger {
	return sdkLogger{l.logger.With(renamed(fields)...)}
}

// renamed answers the fields with their keys in snake_case.
func renamed(fields []any) []any {
	answer := make([]any, len(fields))
	for index, field := range fields {
		if key, isText := field.(string); isText && index%2 == 0 {
			field = snakeCase(key)
		}
		answer[index] = field
	}
	return answer
}

// snakeCase makes `workflow_id` of `WorkflowID`.
func snakeCase(key string) string {
	var text strings.Builder
	letters := []rune(key)
	for index, letter := range letters {
		begins := index > 0 && unicode.IsUpper(letter) &&
			(unicode.IsLower(letters[index-1]) || index+1 < len(letters) && unicode.IsLower(letters[index+1]))
		if begins {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToLower(letter))
	}
	return text.String()
}
