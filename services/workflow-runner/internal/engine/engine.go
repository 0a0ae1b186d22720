// Package engine is the workflow that interprets definitions. Its files are workflow code: they take time, timers,
// coroutines and everything from outside through Temporal only, so that a replay gives the same.
package engine

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// Engine interprets definitions.
type Engine struct{ compiler *expression.Compiler }

// New makes an engine that compiles expressions with the given compiler.
func New(compiler *expression.Compiler) *Engine { return &Engine{compiler: compiler} }

// Types of the error with which a workflow fails.
const (
	// FailedType: a task failed; the details are the final status, which the server has.
	FailedType = "WorkflowFailed"
)

// Execute runs a definition to its end, reports every task to the server, and returns the final status without the
// tasks. When it returns normally, or with an error of FailedType or a cancellation that has a status as its details,
// the server knows the final status.
func (e *Engine) Execute(
	ctx workflow.Context, input message.Run, spec *workflowv1.WorkflowSpec,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	r := newRun(ctx, e.compiler, input)
	stop := r.reporter.start(ctx)
	running, unwatch := r.limit.start(ctx)
	err := r.main(running, spec)
	unwatch()
	stop(ctx)

	final := r.final(running, err)
	r.reporter.finish(ctx, final)
	switch final.GetPhase() {
	case workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED:
		return final, nil
	case workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED:
		return nil, temporal.NewCanceledError(final)
	default:
		return nil, temporal.NewNonRetryableApplicationError(final.GetError(), FailedType, nil, final)
	}
}

// main runs the tasks of the definition.
func (r *run) main(ctx workflow.Context, spec *workflowv1.WorkflowSpec) error {
	parsed, problems := definition.Parse(spec)
	if len(problems) > 0 {
		return invalid(problems)
	}
	r.document = parsed.Document
	if err := r.open(ctx, parsed.Tasks); err != nil {
		return err
	}
	_, err := r.list(ctx, parsed.Tasks, r.scope, "")
	return err
}

// final is the status at the end of a run, without its tasks.
func (r *run) final(ctx workflow.Context, err error) *workflowexecutionv1.WorkflowExecutionStatus {
	status := &workflowexecutionv1.WorkflowExecutionStatus{
		StartedAt:          r.input.StartedAt,
		CompletedAt:        now(ctx),
		TemporalWorkflowId: workflow.GetInfo(ctx).WorkflowExecution.ID,
	}
	switch {
	case err == nil:
		status.Phase = workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
		status.Output = value.Struct(r.texts.Hide(r.scope.output))
	case r.limit.ended(ctx):
		status.Phase = workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED
		status.Error = r.limit.Error()
	case ctx.Err() != nil:
		status.Phase = workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED
		status.Error = "cancelled"
	default:
		status.Phase = workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED
		status.Error = clip(r.texts.HideText(err.Error()), errorLimit)
	}
	return status
}
