package engine

import (
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/temporal"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
)

// errorLimit bounds the text of an error in bytes: about a screen.
const errorLimit = 4096

// failure is a task that failed.
type failure struct {
	task  *definition.Task
	cause error
}

func (f *failure) Error() string {
	return fmt.Sprintf("task %q failed: %s", f.task.Name, describe(f.cause))
}

func (f *failure) Unwrap() error { return f.cause }

// fail says which task an error belongs to. Cancellation is nobody's failure.
func fail(task *definition.Task, err error) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	return &failure{task: task, cause: err}
}

func invalid(problems []string) error {
	return fmt.Errorf("the definition is invalid: %s", strings.Join(problems, "; "))
}

// describe says what an error means, without the words that Temporal puts around it.
func describe(err error) string {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Message()
	}
	return err.Error()
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
