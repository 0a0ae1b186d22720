// Package activities holds what the tasks of a run do outside of their workflow.
package activities

import (
	"context"
	"log/slog"

	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
)

// Activities are registered on the queue of the interpreting workflow.
type Activities struct {
	backend *backend.Client
	logger  *slog.Logger
}

// New makes the activities.
func New(server *backend.Client, logger *slog.Logger) *Activities {
	return &Activities{backend: server, logger: logger}
}

// Report tells the server about the tasks of a run, with one attempt: the workflow repeats it, with the news of then.
// An answer that would not change is logged and taken as an arrival, since the run must not wait for it.
func (a *Activities) Report(
	ctx context.Context, executionID string, news *workflowexecutionv1.WorkflowExecutionStatus,
) error {
	_, err := a.backend.TryUpdateStatus(ctx, executionID, news)
	if backend.IsPermanent(err) {
		a.logger.ErrorContext(ctx, "the server refuses a report", "execution_id", executionID, "error", err.Error())
		return nil
	}
	if err != nil {
		return temporal.NewApplicationError(err.Error(), "ReportFailed")
	}
	return nil
}
