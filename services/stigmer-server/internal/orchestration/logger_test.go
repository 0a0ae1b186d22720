package orchestration

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	temporallog "go.temporal.io/sdk/log"
)

func TestKeysOfTheSDKAreThoseOfTheLog(t *testing.T) {
	var text bytes.Buffer
	logger := temporallog.With(sdkLogger{slog.New(slog.NewJSONHandler(&text, nil))}, "TaskQueue", "queue")
	logger.Warn("Something", "WorkflowID", "one", "execution_id", "two", "RunID", 3, "Error", "four")
	for _, words := range []string{
		`"level":"WARN"`, `"msg":"Something"`, `"task_queue":"queue"`, `"workflow_id":"one"`, `"execution_id":"two"`,
		`"run_id":3`, `"error":"four"`,
	} {
		if !strings.Contains(text.String(), words) {
			t.Errorf("%s lacks %s", text.String(), words)
		}
	}
}
