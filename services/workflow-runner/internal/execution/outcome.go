package execution

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/engine"
)

// endPatience limits how long a run that is cancelled or has taken too long may take to end its tasks and to report. A
// report waits for a server that is away, so this is longer than a restart of it takes.
const endPatience = 20 * time.Second

// wait follows a workflow to its end. The status that it returns is known to the server.
func (a *Activity) wait(
	ctx context.Context, logger *slog.Logger, handle client.WorkflowRun,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	status := &workflowexecutionv1.WorkflowExecutionStatus{}
	err := handle.Get(ctx, status)
	if ctx.Err() == nil || errors.Is(context.Cause(ctx), errStopping) {
		return reported(status, err)
	}
	// The workflow's own end is what counts.
	patient, stop := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer stop()
	if overdue(ctx) {
		// It has the same limit and ends itself. A cancellation would be reported as one.
		err = handle.Get(patient, status)
		return reported(status, err)
	}
	logger.InfoContext(ctx, "cancelling the execution")
	var gone *serviceerror.NotFound
	if err := a.Temporal.CancelWorkflow(patient, handle.GetID(), ""); err != nil && !errors.As(err, &gone) {
		return nil, fmt.Errorf("cancel workflow %s: %w", handle.GetID(), err)
	}
	err = handle.Get(patient, status)
	return reported(status, err)
}

// reported takes the final status out of the ways in which the interpreting workflow ends.
func reported(
	status *workflowexecutionv1.WorkflowExecutionStatus, err error,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	var failed *temporal.ApplicationError
	var cancelled *temporal.CanceledError
	switch {
	case err == nil:
		return status, nil
	case errors.As(err, &failed) && failed.Type() == engine.FailedType:
		return status, failed.Details(status)
	case errors.As(err, &cancelled) && cancelled.HasDetails():
		return status, cancelled.Details(status)
	default:
		return nil, err
	}
}

// failed ends an execution that its workflow could not end: the server is told why, and which tasks were under way.
func (a *Activity) failed(
	ctx context.Context, logger *slog.Logger, id string, limit limit, cause error,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	if errors.Is(context.Cause(ctx), errStopping) {
		// Another runner goes on, if the server asks for another attempt.
		return nil, temporal.NewApplicationError("the runner stops; another one goes on with the execution", "RunnerStops")
	}
	logger.ErrorContext(ctx, "execution failed", "error", cause.Error())
	status := ending(ctx, limit, cause)
	patient, stop := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer stop()
	if current, err := a.Backend.Execution(patient, id); err == nil {
		status.Tasks = abandoned(current.GetStatus().GetTasks(), status)
	}
	if _, err := a.Backend.UpdateStatus(patient, id, status); err != nil {
		return nil, fmt.Errorf("%s; telling the server of it failed: %w", status.GetError(), err)
	}
	status.Tasks = nil
	return status, nil
}

// ending is how an execution ends that its workflow could not end.
func ending(ctx context.Context, limit limit, cause error) *workflowexecutionv1.WorkflowExecutionStatus {
	status := &workflowexecutionv1.WorkflowExecutionStatus{
		Phase:       workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED,
		Error:       explain(cause, limit.value),
		CompletedAt: timestamp(),
	}
	switch {
	case overdue(ctx):
		status.Error = engine.Overdue(limit.value)
	case ctx.Err() != nil:
		status.Phase = workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED
		status.Error = "cancelled"
	}
	return status
}

// abandoned are the tasks as the server knows them, those that were under way ended.
func abandoned(
	tasks []*workflowexecutionv1.WorkflowTask, status *workflowexecutionv1.WorkflowExecutionStatus,
) []*workflowexecutionv1.WorkflowTask {
	for _, task := range tasks {
		if task.GetStatus() != workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_IN_PROGRESS {
			continue
		}
		task.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_FAILED
		if status.GetPhase() == workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED {
			task.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_SKIPPED
		}
		task.Error = status.GetError()
		task.CompletedAt = status.GetCompletedAt()
	}
	return tasks
}

// explain says why a workflow ended without a word of its own.
func explain(err error, limit time.Duration) string {
	var timeout *temporal.TimeoutError
	var terminated *temporal.TerminatedError
	var panicked *temporal.PanicError
	var failed *temporal.ApplicationError
	switch {
	case errors.As(err, &timeout):
		return engine.Overdue(limit)
	case errors.As(err, &terminated):
		return "the run was terminated in Temporal"
	case errors.As(err, &panicked):
		return "the runner has a defect: " + panicked.Error()
	case errors.As(err, &failed):
		return failed.Message()
	default:
		return err.Error()
	}
}
