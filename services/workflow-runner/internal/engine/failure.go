package engine

import (
	"errors"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
)

// errorLimit bounds the text of an error in bytes: about a screen.
const errorLimit = 4096

// conditionError is the type of an error in a condition.
const conditionError = "If statement error"

// failure is a task that failed.
type failure struct {
	task  *definition.Task
	cause error
}

func (f *failure) Error() string { return fmt.Sprintf("task %q failed: %s", f.task.Name, f.cause) }

func (f *failure) Unwrap() error { return f.cause }

// fail says which task an error belongs to. Cancellation is nobody's failure.
func fail(task *definition.Task, err error) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	return &failure{task: task, cause: err}
}

// within says where inside of a task an error belongs to.
func within(err error, where string) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	return fmt.Errorf("%s: %w", where, err)
}

// taskError is why a task failed.
type taskError struct {
	// kind is the type that a catch sees.
	kind string
	text string
	// message is what a catch sees in place of the text; empty for the same.
	message string
	details message.Failure
	cause   error
}

func (e *taskError) Error() string { return e.text }

func (e *taskError) Unwrap() error { return e.cause }

func invalid(problems []string) error {
	return fmt.Errorf("the definition is invalid: %s", strings.Join(problems, "; "))
}

// activityFailed makes the error of a task from that of its activity: what happened, without the words that Temporal
// puts around it.
func activityFailed(err error, kind, took string) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	made := &taskError{kind: kind, text: err.Error()}
	var application *temporal.ApplicationError
	var timeout *temporal.TimeoutError
	var panicked *temporal.PanicError
	switch {
	case errors.As(err, &timeout):
		made.kind = message.TimeoutError
		made.text = timeoutText(timeout, took)
	case errors.As(err, &application):
		made.kind, made.text = application.Type(), application.Message()
		if application.HasDetails() {
			// Errors of others have details of their own, which are of no use here.
			_ = application.Details(&made.details)
		}
	case errors.As(err, &panicked):
		made.text = "the runner has a defect: " + panicked.Error()
	}
	var around *temporal.ActivityError
	if errors.As(err, &around) && around.RetryState() == enumspb.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED {
		made.message = made.text
		made.text += " (the last of all attempts)"
	}
	return made
}

func timeoutText(timeout *temporal.TimeoutError, took string) string {
	text := "it did not end within " + took
	switch timeout.TimeoutType() {
	case enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START:
		text = "no worker took it within " + took
	case enumspb.TIMEOUT_TYPE_HEARTBEAT:
		text = fmt.Sprintf("the runner that worked on it was lost: no sign of life for %s", heartbeatLimit)
	}
	if last := timeout.Unwrap(); last != nil {
		text += "; the last attempt said: " + last.Error()
	}
	return text
}

// caught is what a catch sees of an error: what the innermost task says.
func caught(ctx workflow.Context, err error) map[string]any {
	seen := map[string]any{"type": message.ExpressionError, "message": err.Error(), "timestamp": now(ctx)}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if failed, ok := inner.(*failure); ok {
			seen["task"] = failed.task.Name
			seen["kind"] = definition.KindName(failed.task.Kind)
			seen["message"] = failed.cause.Error()
		}
	}
	var reason *taskError
	if errors.As(err, &reason) {
		seen["type"] = reason.kind
		if reason.message != "" {
			seen["message"] = reason.message
		}
		if reason.details.Status != 0 {
			seen["status"] = reason.details.Status
		}
		if reason.details.Code != "" {
			seen["code"] = reason.details.Code
		}
		if reason.details.Body != nil {
			seen["body"] = reason.details.Body.V
		}
	}
	return seen
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
