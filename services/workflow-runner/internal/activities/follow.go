package activities

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
)

// follow completes an activity when an execution has ended that was started by an earlier attempt: the server holds the
// token of that attempt, which Temporal no longer takes.
func (a *Activities) follow(token []byte, id string, wait func(context.Context) (any, error)) {
	a.followers.Go(func() {
		result, failure := wait(a.stopping)
		if a.stopping.Err() != nil {
			return
		}
		err := a.temporal.CompleteActivity(a.stopping, token, result, failure)
		var gone *serviceerror.NotFound
		if err != nil && !errors.As(err, &gone) {
			a.logger.Error("the end of a call was not told", "execution_id", id, "error", err.Error())
		}
	})
}

// endOfAgent is what the server would complete a call with, nil for a good end.
func endOfAgent(ended *agentexecutionv1.AgentExecution, err error) error {
	switch phase := ended.GetStatus().GetPhase(); {
	case err != nil:
		return temporal.NewNonRetryableApplicationError(err.Error(), "ExecutionDeleted", nil)
	case phase == agentexecutionv1.ExecutionPhase_EXECUTION_FAILED:
		return temporal.NewNonRetryableApplicationError(ended.GetStatus().GetError(), "AgentExecutionFailed", nil)
	case phase == agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED:
		return temporal.NewCanceledError(ended.GetStatus().GetError())
	default:
		return nil
	}
}

// endOfWorkflow is endOfAgent for workflows.
func endOfWorkflow(ended *workflowexecutionv1.WorkflowExecution, err error) error {
	switch phase := ended.GetStatus().GetPhase(); {
	case err != nil:
		return temporal.NewNonRetryableApplicationError(err.Error(), "ExecutionDeleted", nil)
	case phase == workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED:
		return temporal.NewNonRetryableApplicationError(ended.GetStatus().GetError(), "WorkflowExecutionFailed", nil)
	case phase == workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED:
		return temporal.NewCanceledError(ended.GetStatus().GetError())
	default:
		return nil
	}
}
